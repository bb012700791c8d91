-- expect: denied | group: tasks | holds: an error ends the run at once, calls in flight and all
for _ = 1, 50 do promise.spawn(probe.hang) end
error("now")
