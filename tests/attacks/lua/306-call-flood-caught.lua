-- expect: limit | group: calls | holds: pcall around refused calls does not allow more of them
while true do pcall(probe.tick) pcall(probe.nosuch) end
