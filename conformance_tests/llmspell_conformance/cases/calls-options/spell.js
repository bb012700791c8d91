return await probe.options(params.a, params.o)
