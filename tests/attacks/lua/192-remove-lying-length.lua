-- expect: limit | group: cpu | holds: table.remove from a table that claims to be endless is stopped | inline: table.remove moves what is there in one C function, which runs no hook
table.remove(setmetatable({}, { __len = function() return 2 ^ 53 // 1 | 0 end }), 1)
