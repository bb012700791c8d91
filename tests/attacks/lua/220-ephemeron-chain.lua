-- expect: limit | group: cpu | holds: a chain of weak keys that the collector walks again and again is stopped | inline: a collection is one C function, which runs no hook
local t, k = setmetatable({}, { __mode = "k" }), {}
local first = k
for _ = 1, 20000 do local n = {} t[k] = n k = n end
while true do collectgarbage() end
