(probe.fail-because params.depth)
