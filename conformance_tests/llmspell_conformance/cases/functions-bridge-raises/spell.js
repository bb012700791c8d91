return await probe.call(() => probe.fail(params.kind, "no", 5))
