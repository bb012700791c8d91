-- expect: harmless | group: control | holds: positive control: the engine, the host bridge, coroutines, pcall and modules really work in this mode; without it every other verdict is worthless
local r = probe.echo({ a = { 1, 2 }, s = "ü" })
local c = coroutine.wrap(function() coroutine.yield(1) return 2 end)
local ok, e = pcall(error, "boom")
assert(r.a[2] == 2 and r.s == "ü" and c() == 1 and c() == 2 and ok == false and require("util").twice(4) == 8)
return "ok"
