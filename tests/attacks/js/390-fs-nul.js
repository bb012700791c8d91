// expect: denied | group: policy | holds: NUL in a path cuts nothing off
for (const p of [params.secret + "\0", params.open + "/note\0/../../secret", "\0" + params.secret, params.open + "\0"]) try { return "ESCAPE " + await fs.read(p) } catch {}
return "ok"
