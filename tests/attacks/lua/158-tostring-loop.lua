-- expect: limit | group: cpu | holds: a __tostring that never returns is stopped, whoever asks
pcall(tostring, setmetatable({}, { __tostring = function() while true do end end }))
return "ESCAPE"
