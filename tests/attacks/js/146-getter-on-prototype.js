// expect: denied | group: tamper | holds: an accessor on a prototype sees nothing of the border
let seen = 0;
for (const k of ["then", "toJSON", "id", "value", "message", "0", "$"]) try { Object.defineProperty(Object.prototype, k, { get() { seen++ }, configurable: true }) } catch {}
const r = await probe.echo({ a: [1, { b: 2 }] });
return seen === 0 && r.a[1].b === 2 ? "ok" : "ESCAPE"
