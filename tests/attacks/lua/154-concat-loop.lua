-- expect: limit | group: cpu | holds: a __concat that never returns is stopped
return setmetatable({}, { __concat = function() while true do end end }) .. "x"
