local ok, e = pcall(probe.fail, params.kind, "m")
if not ok then return probe.echo(e.kind) end
