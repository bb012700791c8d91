// expect: limit | group: cpu | holds: fill and from over huge lengths are stopped
for (;;) try { Array.from({ length: 2 ** 32 - 1 }) } catch { for (;;); }
