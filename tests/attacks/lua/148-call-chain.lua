-- expect: limit | group: stack | holds: a value that calls itself by __call ends with an error | inline: resolving __call is one C function, which runs no hook
local t = {}
setmetatable(t, { __call = t })
return t()
