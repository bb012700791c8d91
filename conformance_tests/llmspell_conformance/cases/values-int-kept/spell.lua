return probe.echo(params.x)
