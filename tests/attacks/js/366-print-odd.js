// expect: harmless | group: output | holds: printing what cannot be shown raises or shows something else
const cycle = {}; cycle.c = cycle;
for (const v of [cycle, { toString() { throw 1 } }, { get x() { throw 1 } }, Symbol("x"), new Proxy(() => {}, {}), Object.create(null), "\ud800", new Map([[cycle, cycle]]), probe, globalThis]) { try { print(v) } catch {} try { console.log("%s %d %o", v, v, v) } catch {} }
return "ok"
