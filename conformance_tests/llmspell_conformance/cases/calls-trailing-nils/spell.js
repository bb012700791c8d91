await probe.echoAll(null, 1, null, undefined)
await probe.echoAll(null)
