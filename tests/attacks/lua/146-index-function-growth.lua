-- expect: denied | group: stack | holds: an __index that asks for ever more ends at the stack
return setmetatable({}, { __index = function(t, k) return t[k + 1] end })[1]
