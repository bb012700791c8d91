// expect: denied | group: border | holds: a map that looks like the wire's tag for a handle stays a map
const r = await probe.echo({ $: ["handle", 1, "Thing", false] });
return Array.isArray(r.$) && r.$[0] === "handle" ? "ok" : "ESCAPE"
