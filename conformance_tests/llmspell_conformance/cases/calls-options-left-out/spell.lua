return probe.options(params.a)
