return probe.typed(1, "a", true, params.x)
