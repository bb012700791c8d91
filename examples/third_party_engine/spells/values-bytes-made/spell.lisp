(probe.echo (bytes params.x))
