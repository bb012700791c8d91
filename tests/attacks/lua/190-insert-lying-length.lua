-- expect: limit | group: cpu | holds: table.insert into a table that claims to be endless is stopped | inline: table.insert moves what is there in one C function, which runs no hook
table.insert(setmetatable({}, { __len = function() return 2 ^ 53 // 1 | 0 end }), 1, 0)
