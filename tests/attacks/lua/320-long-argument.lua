-- expect: limit | group: border | holds: an argument longer than a message ends the run, and pcall does not help
while true do pcall(probe.echo, ("x"):rep(2000000)) end
