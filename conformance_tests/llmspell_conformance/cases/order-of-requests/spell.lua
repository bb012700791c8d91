local function work(n) print(n) probe.echo(n) print(n .. " done") end
local tasks = { promise.spawn(work, 1), promise.spawn(work, 2) }
promise.all(tasks):await()
