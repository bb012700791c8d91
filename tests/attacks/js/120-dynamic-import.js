// expect: denied | group: escape | holds: import() finds nothing outside the spell's folder, however it is written
for (const name of ["std", "os", "qjs:std", "qjs:os", "bjson", "/etc/passwd", "../secret", params.secret, "file:///etc/passwd", "data:text/javascript,1", "http://127.0.0.1:" + params.port + "/x.js", "node:fs", "./util\0", ""])
  try { await import(name); return "ESCAPE " + name } catch {}
return "ok"
