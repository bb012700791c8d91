local function work(n) pcall(probe.echo, n) print("still here") end
promise.spawn(work, 1)
promise.spawn(work, 2)
