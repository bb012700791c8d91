-- expect: limit | group: cpu | holds: inserting at the front for ever is stopped
local t = {}
while true do table.insert(t, 1, 0) end
