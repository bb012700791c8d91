-- expect: limit | group: cpu | holds: a chain of weak keys that the collector walks again and again is stopped | inline: sometimes: a collection is one C function, and how long it takes depends on where the values lie
local t, k = setmetatable({}, { __mode = "k" }), {}
local first = k
for _ = 1, 20000 do local n = {} t[k] = n k = n end
while true do collectgarbage() end
