return probe.options(params.a, params.o)
