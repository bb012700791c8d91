return await probe.bounds({ limits: { toolCalls: params.x, byName: params.own } })
