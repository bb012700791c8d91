let sum = 0
for (const counter of await probe.counters(params.count)) sum += await counter.get()
return sum
