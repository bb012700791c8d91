await probe.echo(params.x)
return await nosuch.method(params.x)
