local counter = probe.counter(params.start)
local again = probe.echo({ it = counter }).it
counter:incr() again:incr()
return { counter:get(), probe.same(counter, again) }
