const counter = await probe.counter(params.start)
return [await counter.incr(params.by), await counter.incr(params.by), await counter.get()]
