local a, b = probe.counter(params.a), probe.counter(params.b)
a:incr() b:incr()
return { a:get(), b:get() }
