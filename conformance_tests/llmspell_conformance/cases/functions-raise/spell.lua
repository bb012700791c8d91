local ok, e = pcall(probe.call, function() error(params.error) end)
return { e.kind, e.message, e.data }
