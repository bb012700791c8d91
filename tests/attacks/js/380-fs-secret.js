// expect: denied | group: policy | holds: a file that was not granted is not read, listed, asked for or told of
for (const n of ["read", "exists", "stat", "readJson"]) try { return "ESCAPE " + await fs[n](params.secret) } catch {}
return "ok"
