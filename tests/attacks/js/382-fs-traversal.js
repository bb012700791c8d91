// expect: denied | group: policy | holds: no spelling of a path leads out of a granted folder
for (const p of ["/../secret", "/sub/../../secret", "//..//secret", "/./../secret", "/sub/./../../open-too/secret", "/../open/../secret", "/..", "/sub/../.."])
  for (const n of ["read", "list"]) try { return "ESCAPE " + p + await fs[n](params.open + p) } catch {}
return "ok"
