const counter = await probe.counter(0)
const { incr } = counter
await incr(params.by)
return await counter.incr(params.by)
