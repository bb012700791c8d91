-- expect: limit | group: memory | holds: gsub with a table that answers at length ends at the memory limit
local long = string.rep("b", 10000)
return #string.gsub(string.rep("a", 1000000), "a", setmetatable({}, { __index = function() return long end }))
