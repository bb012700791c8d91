-- expect: limit | group: cpu | holds: table.concat of a table that claims to be endless is stopped
return table.concat(setmetatable({}, { __len = function() return 2 ^ 53 // 1 | 0 end, __index = function() return "" end }))
