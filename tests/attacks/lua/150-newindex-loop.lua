-- expect: limit | group: cpu | holds: a __newindex that never returns is stopped
setmetatable({}, { __newindex = function() while true do end end }).x = 1
