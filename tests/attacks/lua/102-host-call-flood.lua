-- expect: limit | group: reentry | holds: calls into the host are counted and end at a call limit
while true do probe.tick() end
