(probe.echo params.x)
null
