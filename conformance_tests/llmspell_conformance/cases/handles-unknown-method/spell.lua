local counter = probe.counter(0)
local got = counter[params.method]()
return got
