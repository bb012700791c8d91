let keys = ""
for (const key in params.map) keys += key
return keys
