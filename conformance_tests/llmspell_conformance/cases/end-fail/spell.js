await probe.echo()
