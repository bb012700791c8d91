-- expect: denied | group: tamper | holds: null and the empty values of the host cannot be written to
-- next: return null.x == nil and type(null) == "table"
pcall(function() null.x = 1 end) pcall(rawset, null, "x", 1) pcall(setmetatable, null, {})
return null.x == nil and "ok" or "ESCAPE"
