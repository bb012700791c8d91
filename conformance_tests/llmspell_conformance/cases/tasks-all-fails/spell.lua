local tasks = { promise.spawn(probe.echo, 1), promise.spawn(probe.fail, params.kind, "m") }
local ok, e = pcall(function() return promise.all(tasks):await() end)
return e.kind
