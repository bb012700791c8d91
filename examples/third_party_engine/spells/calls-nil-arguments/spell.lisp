(probe.echo-all params.a params.b params.c)
