-- expect: denied | group: coroutine | holds: the coroutine of a waiting task cannot be resumed or closed by others
local main, forged = coroutine.running(), false
promise.spawn(function()
  forged = coroutine.resume(main, true, "FORGED") or pcall(coroutine.close, main) and true
end)
local v = probe.echo(5)
return v == 5 and not forged and "ok" or "ESCAPE " .. tostring(v)
