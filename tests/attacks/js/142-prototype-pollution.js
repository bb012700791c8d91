// expect: denied | group: tamper | holds: prototypes of the realm cannot be written to by any verb
for (const p of [Object.prototype, Array.prototype, Function.prototype, Promise.prototype, Map.prototype, Error.prototype, RegExp.prototype, Symbol.prototype, Date.prototype, ArrayBuffer.prototype]) {
  try { Object.defineProperty(p, "polluted", { value: 1 }) } catch {}
  try { p.__proto__ = { polluted: 1 } } catch {}
  try { Object.setPrototypeOf(p, { polluted: 1 }) } catch {}
  try { Reflect.set(p, "polluted", 1) } catch {}
  if (p.polluted) return "ESCAPE";
}
return "ok"
