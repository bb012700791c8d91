const held = []
for (let i = 1; i <= params.count; i++) held.push(new Uint8Array(10000))
return held.length
