return await probe.echoAll(...params.x)
