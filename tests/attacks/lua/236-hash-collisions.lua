-- expect: limit | group: cpu | holds: texts that share a hash do not stall the run beyond its time
local t = {}
for i = 1, math.huge do t["prefix" .. ("x"):rep(200) .. i .. ("y"):rep(200)] = true if i % 20000 == 0 then t = {} end end
