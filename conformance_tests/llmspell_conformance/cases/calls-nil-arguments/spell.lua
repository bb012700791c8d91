return probe.echo_all(params.a, params.b, params.c)
