-- expect: harmless | group: callbacks | holds: wrapped coroutines, natives and bridge methods as callbacks do no harm
for _, f in ipairs({ coroutine.wrap(function() probe.tick() coroutine.yield(1) end), coroutine.running, error, probe.tick, collectgarbage, coroutine.yield, require }) do pcall(probe.call, f) end
return probe.echo(1) == 1
