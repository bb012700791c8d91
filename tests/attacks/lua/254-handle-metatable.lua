-- expect: denied | group: border | holds: the metatable of a handle is out of reach
local t = probe.thing()
if type(getmetatable(t)) == "table" or pcall(setmetatable, t, {}) then return "ESCAPE" end
pcall(rawset, t, "number", function() return 8 end)
return probe.take(t) == 7 and "ok" or "ESCAPE"
