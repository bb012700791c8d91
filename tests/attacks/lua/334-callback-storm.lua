-- expect: limit | group: callbacks | holds: callbacks that multiply end at a limit
local function f() return probe.each(f, 300) end
pcall(f)
return "ESCAPE"
