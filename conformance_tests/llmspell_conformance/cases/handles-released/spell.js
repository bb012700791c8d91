const held = []
for (let i = 0; i < params.count; i++) held.push(await probe.counter(i))
return held.length
