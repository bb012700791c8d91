// expect: harmless | group: stack | holds: regular expressions that nest without end are refused
for (const s of ["(".repeat(100000), "(?:".repeat(50000) + ")".repeat(50000), "[".repeat(100000), "a{1000}".repeat(1000), "(?=".repeat(20000), "a{99999999999}", "(a{1000}){1000}", "\\u{".repeat(1000)]) try { new RegExp(s, "u") } catch {}
return "ok"
