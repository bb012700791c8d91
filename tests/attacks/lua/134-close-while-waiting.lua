-- expect: harmless | group: coroutine | holds: a coroutine that waits for the host cannot be closed or resumed
local co = coroutine.create(function() return probe.echo(1) end)
local closed, resumed
promise.spawn(function() closed = pcall(coroutine.close, co) resumed = coroutine.resume(co) end)
local _, v = coroutine.resume(co)
return v == 1 and closed == false and resumed == false
