-- expect: denied | group: memory | holds: calls with ever more arguments end at the stack
local function f(...) return 1 + f(1, ...) end
return f()
