-- expect: limit | group: border | holds: a key longer than a message ends the run
pcall(probe.echo, { [("k"):rep(2000000)] = 1 })
return "ESCAPE"
