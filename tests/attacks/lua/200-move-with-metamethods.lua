-- expect: limit | group: cpu | holds: table.move through metamethods over a huge range is stopped
local t = setmetatable({}, { __index = function() return 1 end, __newindex = function() end })
table.move(t, 1, 1 << 52, 2)
