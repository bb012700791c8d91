// expect: denied | group: policy | holds: what only begins like a granted folder, and what is denied, is not read
for (const p of ["-too/secret", "/denied", "/sub/../denied", "/./denied", "//denied", "/up/open/denied"]) try { return "ESCAPE " + p + await fs.read(params.open + p) } catch {}
return "ok"
