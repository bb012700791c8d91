return await probe.echo(params.a / params.b)
