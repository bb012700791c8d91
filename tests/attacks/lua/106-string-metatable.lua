-- expect: denied | group: tamper | holds: the methods of strings cannot be replaced through their metatable
-- next: return ("x"):upper() == "X"
local m = getmetatable("")
pcall(function() m.__index = { upper = function() return "H" end } end)
pcall(function() m.__index.upper = function() return "H" end end)
pcall(rawset, m.__index, "upper", function() return "H" end)
pcall(setmetatable, "", {})
return ("x"):upper() == "X" and "ok" or "ESCAPE"
