-- expect: denied | group: stack | holds: __index that indexes itself ends with an error
local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x
