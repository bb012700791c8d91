return probe.call(params.x)
