return await probe.typed(1, "a", true, params.x)
