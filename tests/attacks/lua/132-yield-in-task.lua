-- expect: harmless | group: coroutine | holds: a task that yields fails, and does not hang the run
local ok = pcall(promise.await, promise.spawn(function() coroutine.yield(1) end))
return ok == false and probe.echo(1) == 1
