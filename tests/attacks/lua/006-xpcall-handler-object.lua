-- expect: denied | group: escape | holds: a message handler also only sees a string
local seen
xpcall(probe.fail, function(e) seen = e return e end)
if type(seen) == "userdata" then return "ESCAPE handler got userdata" end
if type(seen) == "table" then for k in pairs(seen) do if tostring(k):sub(1,2) == "__" then return "ESCAPE dunder" end end end
return "ok"
