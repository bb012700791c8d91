local ok, e = pcall(probe.fail, params.kind, params.message, params.data)
return { e.kind, e.message, e.data }
