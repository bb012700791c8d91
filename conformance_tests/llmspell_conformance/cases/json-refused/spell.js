if (params.text !== undefined) return json.decode(params.text)
return json.encode(params.value, params.options)
