// expect: denied | group: border | holds: proxies, subclasses and copies of a bridge reach no more than it does
const made = [Object.create(probe), new Proxy(probe, {}), { ...probe }, Object.assign({}, probe)];
for (const m of made) for (const n of ["hidden", "_kept", "__class__"]) try { return "ESCAPE" + await m[n]() } catch {}
return "ok"
