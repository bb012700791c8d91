-- expect: harmless | group: escape | holds: tostring of tables and functions must not help to locate host memory (addresses hidden or of the guest only)
local s = tostring({}) .. tostring(print) .. tostring(coroutine.create(function() end))
if s:find("python") or s:find("built%-in") then return "ESCAPE probe repr " .. s end
return "ok"
