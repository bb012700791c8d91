// expect: denied | group: policy | holds: nothing outside what may be written is written, made or deleted
for (const p of [params.secret, params.open + "/note", params.open + "/link", params.folder + "/new", params.open + "/sub/../new", params.open + "/sub/../../new", params.folder, params.open + "/up"])
  for (const n of ["write", "append", "writeJson", "mkdir", "delete"]) try { await fs[n](p, ...(n === "delete" ? [{ recursive: true }] : n === "mkdir" ? [] : ["x"])); return "ESCAPE " + n + p } catch {}
return "ok"
