-- expect: limit | group: cpu | holds: a __pairs whose walk never ends is stopped
for _ in pairs(setmetatable({}, { __pairs = function() return function() return 1 end end })) do end
