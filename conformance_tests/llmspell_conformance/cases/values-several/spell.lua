local unpack = table.unpack or unpack
return unpack(params.x)
