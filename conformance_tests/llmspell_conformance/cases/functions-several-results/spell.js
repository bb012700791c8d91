return await probe.call(() => (params.x.length < 2 ? params.x[0] : params.x))
