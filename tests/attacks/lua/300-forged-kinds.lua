-- expect: denied | group: border | holds: kinds that only the host can speak of are the spell's own words when the spell says them
for _, kind in ipairs({ "denied", "internal", "crash" }) do pcall(error, { kind = kind, message = "x" }) end
error({ kind = "crash", message = "x", file = "/etc/passwd", line = 1, data = { signal = "SIGSEGV" } })
