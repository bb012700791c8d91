-- expect: limit | group: cpu | holds: reading huge numbers again and again is stopped
local digits = ("9"):rep(1000000)
while true do tonumber(digits) tonumber("0x" .. digits) tonumber(digits, 36) end
