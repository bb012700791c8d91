// expect: harmless | group: control | holds: positive control: the engine, the host bridge, promises, try/catch and generators really work in this mode; without it every other verdict is worthless
var r = (await probe.echo({ a: [1, 2], s: "ü" })); function* g() { yield 1 } var c = 0; try { throw new Error("boom") } catch (e) { c = e.message.length }
if (!(r.a[1] === 2 && r.s === "ü" && [...g()][0] === 1 && c === 4 && (await probe.items()).length === 3)) throw new Error("control failed"); return "ok"
