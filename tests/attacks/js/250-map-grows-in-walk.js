// expect: limit | group: memory | holds: a walk over a map that grows under it ends at a limit
const m = new Map([[0, 0]]);
for (const [k] of m) m.set(k + 1, k)
