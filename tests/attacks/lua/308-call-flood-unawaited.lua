-- expect: limit | group: calls | holds: calls that nobody waits for are counted
while true do promise.spawn(probe.tick) end
