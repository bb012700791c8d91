if params.text ~= nil then return json.decode(params.text) end
return json.encode(params.value, params.options)
