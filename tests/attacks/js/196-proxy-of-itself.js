// expect: denied | group: stack | holds: a proxy whose prototype is a proxy of it ends at the stack
const t = {}, p = new Proxy(t, {});
try { Object.setPrototypeOf(t, p) } catch { return "ok" }
return t.nothing
