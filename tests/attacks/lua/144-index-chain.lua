-- expect: denied | group: stack | holds: a chain of __index that leads to itself is an error
local a, b = {}, {}
setmetatable(a, { __index = b }) setmetatable(b, { __index = a })
return a.x
