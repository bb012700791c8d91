return probe.echo(params.a .. params.b)
