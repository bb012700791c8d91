-- expect: limit | group: memory | holds: doubling a text ends at the memory limit
local s = "x"
while true do s = s .. s end
