-- expect: limit | group: cpu | holds: an __lt that never returns inside table.sort is stopped
local m = { __lt = function() while true do end end }
table.sort({ setmetatable({}, m), setmetatable({}, m), setmetatable({}, m) })
