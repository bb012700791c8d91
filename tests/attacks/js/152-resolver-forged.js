// expect: denied | group: tamper | holds: promises of calls can be settled by the host alone
const p = probe.echo("real");
for (const k of ["resolve", "reject", "holder", "site"]) if (k in p) return "ESCAPE " + k;
try { p.constructor = { [Symbol.species]: function (f) { f(x => x, x => x) } } } catch {}
return await p === "real" ? "ok" : "ESCAPE"
