local p = promise.spawn(probe.never)
promise.spawn(function() end):await()
local ok, x = pcall(promise.await, promise.timeout(p, 3))
return ok and x or x.kind
