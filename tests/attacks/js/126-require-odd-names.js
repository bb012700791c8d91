// expect: denied | group: escape | holds: require of what is no text loads nothing
for (const name of [1, null, undefined, {}, [], ["util"], { toString() { return "/etc/passwd" } }, Symbol("x"), () => "util", new Proxy({}, {})])
  try { require(name); return "ESCAPE " + typeof name } catch {}
return "ok"
