-- expect: denied | group: swallow | holds: a finalizer put into a metatable later never runs
local ran, meta = false, {}
for _ = 1, 100 do setmetatable({}, meta) end
meta.__gc = function() ran = true end
collectgarbage() collectgarbage()
return ran and "ESCAPE" or "ok"
