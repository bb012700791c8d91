probe.echo(params.x)
