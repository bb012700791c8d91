(probe.echo (text params.a params.b))
