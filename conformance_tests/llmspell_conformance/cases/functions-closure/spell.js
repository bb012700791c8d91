let n = params.start
return await probe.callTwice(() => ++n)
