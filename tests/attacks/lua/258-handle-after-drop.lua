-- expect: harmless | group: border | holds: methods of a handle that was dropped still hold it, or fail
local t = probe.thing()
local number = t.number
t = nil
for _ = 1, 5 do collectgarbage() probe.tick() end
pcall(number)
return "ok"
