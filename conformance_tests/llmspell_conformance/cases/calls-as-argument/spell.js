return await probe.echo([await probe.echo([await probe.echo(params.x)])])
