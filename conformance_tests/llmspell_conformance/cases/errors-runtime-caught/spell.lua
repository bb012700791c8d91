local ok, e = pcall(function() return params.nothing.field end)
if ok then return "not raised" end
return probe.echo(params.x)
