local ok, e = pcall(probe.fail, params.kind, "m", 1)
return probe.echo({ caught = e })
