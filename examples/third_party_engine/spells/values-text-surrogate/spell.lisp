(probe.echo params.x)
