// expect: limit | group: swallow | holds: replace callbacks that loop cannot outlive the limit
for (;;) try { "aaa".replace(/a/g, () => { for (;;); }) } catch {}
