probe.echo(params.x)
return nosuch.method(params.x)
