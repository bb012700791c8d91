return await probe.call((a, b) => [b, a], params.a, params.b)
