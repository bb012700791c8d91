-- expect: limit | group: border | holds: an error longer than a message ends the run
error(("x"):rep(5000000))
