-- expect: limit | group: cpu | holds: an __eq that never returns is stopped
local m = { __eq = function() while true do end end }
return setmetatable({}, m) == setmetatable({}, m)
