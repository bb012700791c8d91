-- expect: denied | group: cpu | holds: table.sort of a table that claims to be endless is refused
table.sort(setmetatable({}, { __len = function() return 2 ^ 53 // 1 | 0 end }), function() return false end)
return "ESCAPE"
