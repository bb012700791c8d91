local function nap(seconds) sleep(seconds) probe.collect(seconds) end
promise.spawn(nap, 60)
promise.spawn(nap, 0.5)
return "main"
