// expect: limit | group: swallow | holds: sort comparators that loop cannot outlive the limit
for (;;) try { [3, 2, 1].sort(() => { for (;;); }) } catch {}
