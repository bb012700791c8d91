// expect: limit | group: swallow | holds: toJSON that never returns is stopped, whoever catches
for (;;) try { JSON.stringify({ toJSON() { for (;;); } }) } catch {}
