return probe.echo(params.x + 1)
