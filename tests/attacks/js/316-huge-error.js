// expect: limit | group: border | holds: an error longer than a message ends the run
throw new Error("x".repeat(5000000))
