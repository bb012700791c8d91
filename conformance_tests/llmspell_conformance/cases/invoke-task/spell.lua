probe.keep(function(x) return { probe.echo(x) } end)
return "main"
