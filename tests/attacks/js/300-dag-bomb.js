// expect: limit | group: border | holds: a small DAG that unfolds to 2^40 nodes does not cross
let a = [1];
for (let i = 0; i < 40; i++) a = [a, a];
try { await probe.echo(a); return "ESCAPE" } catch {}
throw Object.assign(new Error("x"), { data: a })
