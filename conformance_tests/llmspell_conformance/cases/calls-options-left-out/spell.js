return await probe.options(params.a)
