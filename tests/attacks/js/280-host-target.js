// expect: denied | group: border | holds: no name reaches the host's own verbs
for (const n of ["host", "enter", "Host", "1", "$$import", "$$track"]) if (n in globalThis) return "ESCAPE " + n;
try { await probe["host.print"]("x"); return "ESCAPE" } catch {}
return "ok"
