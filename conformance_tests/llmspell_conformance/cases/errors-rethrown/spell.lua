local ok, e = pcall(probe.fail, params.kind, "m", { a = 1 })
probe.collect("cleaned up")
error(e)
