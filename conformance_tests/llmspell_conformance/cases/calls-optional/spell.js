return await probe.typed(params.n, params.s, params.flag)
