-- expect: denied | group: escape | holds: code loaded with an environment of its own sees nothing that the spell does not
local f = load("return io and io.open or os and os.execute or package and package.loadlib or debug and debug.getregistry or python", "c", "t", setmetatable({}, { __index = _G }))
if f() then return "ESCAPE" end
local bare = load("return _ENV", "c", "t", {})()
return next(bare) == nil and "ok" or "ESCAPE"
