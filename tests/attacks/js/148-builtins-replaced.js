// expect: denied | group: tamper | holds: replacing what the guest uses changes nothing for the guest
for (const [o, k] of [[JSON, "parse"], [JSON, "stringify"], [Reflect, "apply"], [Object, "keys"], [Object, "entries"], [Array, "isArray"], [Array.prototype, "push"], [Array.prototype, "join"], [Map.prototype, "get"], [Map.prototype, "set"], [Promise, "resolve"]])
  try { o[k] = () => "HIJACK" } catch {}
const r = await probe.echo({ a: 1 });
return r.a === 1 ? "ok" : "ESCAPE"
