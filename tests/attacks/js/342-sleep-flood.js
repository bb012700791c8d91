// expect: limit | group: calls | holds: sleeping no time for ever is bounded
for (;;) await sleep(0)
