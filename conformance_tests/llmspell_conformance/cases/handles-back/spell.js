const counter = await probe.counter(params.start)
await counter.incr()
return [await probe.read(counter), await probe.same(counter, counter)]
