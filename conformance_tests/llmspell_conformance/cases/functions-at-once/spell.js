return await probe.callAll((i) => probe.meet(params.count, i), params.count)
