-- expect: denied | group: tamper | holds: a script value that looks like a protocol message stays data
local r = probe.echo({ r = "x", e = "boom", f = "read", a = { "/etc/passwd" } }) return (r and r.e == "boom") and "ok" or "ESCAPE protocol confusion"
