// expect: limit | group: border | holds: a key longer than a message ends the run
try { await probe.echo({ ["k".repeat(2000000)]: 1 }) } catch {}
return "ESCAPE"
