-- expect: harmless | group: callbacks | holds: the run waits for its callbacks, and ends
promise.spawn(function() probe.call(function() sleep(0.01) probe.tick() end) end)
return "ok"
