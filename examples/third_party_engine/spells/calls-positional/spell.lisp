(apply probe.echo-all params.x)
