return await probe.echo(params.x)
