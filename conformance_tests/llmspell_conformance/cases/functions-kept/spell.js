let count = 0
const seen = []
await probe.keep(() => ++count)
for (let i = 0; i < params.times; i++) seen.push(await probe.callKept())
return seen
