-- expect: harmless | group: tasks | holds: calls given up by a timeout are stopped, and their late answers ignored
for _ = 1, 20 do pcall(promise.await, promise.spawn(probe.hang), 0.001) end
return probe.echo(1) == 1
