-- expect: harmless | group: coroutine | holds: a callback that yields raises, and does not suspend the host
local ok = pcall(probe.call, function() coroutine.yield(1) return 2 end)
return ok == false
