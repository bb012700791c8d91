const [a, b] = [await probe.counter(params.a), await probe.counter(params.b)]
await a.incr()
await b.incr()
return [await a.get(), await b.get()]
