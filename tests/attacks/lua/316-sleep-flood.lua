-- expect: limit | group: calls | holds: sleeping no time for ever is bounded
while true do sleep(0) end
