-- expect: limit | group: swallow | holds: the closing value of a for loop cannot run on for ever
for _ in function() return 1 end, nil, nil, setmetatable({}, { __close = function() while true do end end }) do break end
return "ESCAPE"
