-- expect: harmless | group: coroutine | holds: a yield with nobody to yield to is an error that pcall catches
local ok, e = pcall(coroutine.yield, "x")
return ok == false and tostring(e):find("outside a coroutine") ~= nil
