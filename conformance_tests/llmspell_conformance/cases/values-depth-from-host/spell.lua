return probe.nest(params.depth)
