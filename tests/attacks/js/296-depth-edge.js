// expect: denied | group: border | holds: a hundred levels cross and one more does not
const nest = n => { let t = 1; for (let i = 0; i < n; i++) t = [t]; return t };
await probe.echo(nest(99));
try { await probe.echo(nest(101)); return "ESCAPE deep" } catch {}
throw Object.assign(new Error("x"), { data: nest(5000) })
