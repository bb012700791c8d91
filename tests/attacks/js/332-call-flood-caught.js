// expect: limit | group: calls | holds: catch around refused calls does not allow more of them
for (;;) { try { await probe.tick() } catch {} try { await probe.nosuch() } catch {} }
