// expect: limit | group: calls | holds: calls that nobody waits for are counted
for (;;) probe.tick()
