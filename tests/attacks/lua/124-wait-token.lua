-- expect: denied | group: coroutine | holds: what a waiting call yields is never seen by the spell
local seen = {}
local co = coroutine.wrap(function() probe.tick() coroutine.yield("a") probe.echo(1) return "b" end)
for i = 1, 2 do seen[i] = co() end
local inner = coroutine.create(function() return probe.echo("c") end)
local _, c = coroutine.resume(inner)
return seen[1] == "a" and seen[2] == "b" and c == "c" and "ok" or "ESCAPE " .. tostring(seen[1])
