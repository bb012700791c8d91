// expect: denied | group: escape | holds: what was taken away is reachable through no prototype or descriptor
const names = new Set();
const walk = (o, depth) => { if (o === null || (typeof o !== "object" && typeof o !== "function") || depth > 3) return; for (const k of Reflect.ownKeys(o)) { names.add(String(k)); const d = Reflect.getOwnPropertyDescriptor(o, k); for (const v of [d.value, d.get, d.set]) walk(v, depth + 1) } };
walk(globalThis, 0);
return ["deref", "register", "waitAsync", "grow"].some(n => n !== "grow" && names.has(n)) ? "ESCAPE" : "ok"
