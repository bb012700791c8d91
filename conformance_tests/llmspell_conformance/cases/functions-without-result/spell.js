return await probe.call(() => {}, params.x)
