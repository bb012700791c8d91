return await probe.nest(params.depth)
