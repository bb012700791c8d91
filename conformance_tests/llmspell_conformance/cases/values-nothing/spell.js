await probe.echo(params.x)
