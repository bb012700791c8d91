(probe.options params.a)
