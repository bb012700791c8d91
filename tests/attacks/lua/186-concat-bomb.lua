-- expect: limit | group: memory | holds: table.concat of one long text many times ends at the memory limit
local t, s = {}, string.rep("x", 1000000)
for i = 1, 1000 do t[i] = s end
return #table.concat(t)
