// expect: denied | group: border | holds: a tag for a map inside a tag for a map is unwrapped no further than it was wrapped
const r = await probe.echo({ $: ["map", [["$", ["handle", 1]]]] });
return r.$[0] === "map" && r.$[1][0][1][0] === "handle" ? "ok" : "ESCAPE"
