return await probe.echo(params.x + 1n)
