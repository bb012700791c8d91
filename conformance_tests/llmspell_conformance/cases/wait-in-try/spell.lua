local ok, got = pcall(function() return probe.echo(params.x) end)
return { got, probe.echo("after") }
