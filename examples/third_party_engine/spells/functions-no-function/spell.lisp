(probe.call params.x)
