local counter = probe.counter(0)
counter.incr(params.by)
return counter:incr(params.by)
