// expect: denied | group: border | holds: kinds that only the host can speak of are the spell's own words when the spell says them
throw Object.assign(new Error("x"), { kind: "crash", file: "/etc/passwd", line: 1, data: { signal: "SIGSEGV" } })
