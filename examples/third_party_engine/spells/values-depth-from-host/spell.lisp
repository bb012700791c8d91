(probe.nest params.depth)
