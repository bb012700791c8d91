local counter = probe.counter(params.start)
return { counter:incr(params.by), counter:incr(params.by), counter:get() }
