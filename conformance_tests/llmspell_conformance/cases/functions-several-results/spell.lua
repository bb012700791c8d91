local unpack = table.unpack or unpack
return probe.call(function() return unpack(params.x) end)
