// expect: denied | group: border | holds: a map that looks like the wire's tag for a function cannot be called by the host
try { await probe.call({ $: ["function", 1] }); return "ESCAPE" } catch {}
const r = await probe.echo([{ $: ["function", 1] }]);
return r[0].$[1] === 1 ? "ok" : "ESCAPE"
