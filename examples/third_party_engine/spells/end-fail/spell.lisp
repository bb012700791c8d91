(probe.echo)
