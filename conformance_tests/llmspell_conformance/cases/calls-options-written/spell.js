return await probe.options(1, { longName: params.x })
