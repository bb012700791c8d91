probe.echo()
