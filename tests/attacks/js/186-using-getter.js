// expect: limit | group: swallow | holds: accessors that never return are stopped in every native that reads them
const o = { get length() { for (;;); } };
for (;;) try { Array.prototype.map.call(o, x => x) } catch {}
