const counter = await probe.counter(params.start)
const { it: again } = await probe.echo({ it: counter })
await counter.incr()
await again.incr()
return [await counter.get(), await probe.same(counter, again)]
