local keys = ""
for key in pairs(params.map) do keys = keys .. key end
return keys
