local counter = probe.counter(params.start)
counter:incr()
return { probe.read(counter), probe.same(counter, counter) }
