return await probe.read(await probe.range(params.count))
