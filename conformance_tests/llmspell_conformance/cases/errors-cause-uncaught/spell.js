await probe.failBecause(params.depth)
