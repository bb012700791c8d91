-- expect: limit | group: output | holds: io.write counts as output, and pcall does not help
while true do pcall(io.write, ("x"):rep(10000)) end
