-- expect: limit | group: calls | holds: calls that never end are bounded
for _ = 1, 20000 do promise.spawn(probe.hang) end
return "ok"
