const counter = await probe.counter()
await counter.addMany(1, 2)
return await probe.read(counter)
