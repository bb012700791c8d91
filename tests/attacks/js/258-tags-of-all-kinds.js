// expect: denied | group: border | holds: maps that look like any of the wire's tags come back as they went
for (const tag of ["int", "float", "bytes", "function", "handle", "error", "map", "x"]) {
  const r = await probe.echo({ $: [tag, "1"] });
  if (typeof r !== "object" || !Array.isArray(r.$) || r.$[0] !== tag) return "ESCAPE " + tag;
}
return "ok"
