local task = promise.spawn(probe.fail, params.kind, "m")
local ok, e = pcall(promise.await, task)
return { e.kind, e.message }
