// expect: denied | group: policy | holds: a bridge that was not mounted is not to be had by any name
for (const n of ["llm", "agent", "mcp", "run", "subprocess", "sys", "os.system"]) {
  if (n in globalThis) return "ESCAPE " + n;
  try { require(n); return "ESCAPE require " + n } catch {}
}
return "ok"
