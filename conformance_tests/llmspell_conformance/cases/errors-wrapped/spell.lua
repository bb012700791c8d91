local ok, e = pcall(probe.fail, params.kind, "m", 1)
error({ kind = "wrapped", message = "outer", cause = e })
