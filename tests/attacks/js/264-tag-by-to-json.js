// expect: denied | group: border | holds: toJSON that answers with a tag makes a map, not a handle
const r = await probe.echo({ toJSON() { return { $: ["handle", 1] } } });
return Array.isArray(r.$) ? "ok" : "ESCAPE"
