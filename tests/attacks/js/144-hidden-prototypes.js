// expect: denied | group: tamper | holds: prototypes that no global names cannot be written to either
const hidden = [[][Symbol.iterator](), new Map().entries(), new Set().values(), ""[Symbol.iterator](), "x".matchAll(/x/g), ...[function* () {}, async function* () {}].map(f => Object.create(Object.getPrototypeOf(f).prototype)), Iterator.from([]).map(x => x)];
for (const h of hidden) for (let p = Object.getPrototypeOf(h); p && p !== Object.prototype; p = Object.getPrototypeOf(p)) {
  try { p.next = () => ({ done: true }); if (p.hasOwnProperty("next") && Object.getOwnPropertyDescriptor(p, "next").writable) return "ESCAPE" } catch {}
}
return "ok"
