// expect: harmless | group: cpu | holds: an inconsistent comparator never crashes
var t = []; for (var i = 0; i < 5000; i++) t.push(i % 7); t.sort(() => Math.random() - 0.5); return "ok"
