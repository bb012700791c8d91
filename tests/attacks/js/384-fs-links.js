// expect: denied | group: policy | holds: links of both kinds lead nowhere
for (const p of ["/link", "/up/secret", "/up/open/link", "/up/open-too/secret", "/second-name", "/sub/../link"]) try { return "ESCAPE " + p + await fs.read(params.open + p) } catch {}
return await fs.read(params.open + "/note") === "granted" ? "ok" : "ESCAPE refused"
