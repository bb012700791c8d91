promise.spawn(function() probe.echo(probe.echo(1)) end)
return "main"
