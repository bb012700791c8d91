-- expect: denied | group: escape | holds: the globals table takes no finalizer
-- next: return getmetatable(_G) == nil
if pcall(setmetatable, _G, { __gc = function() while true do end end }) then return "ESCAPE" end
return "ok"
