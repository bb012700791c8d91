-- expect: denied | group: border | holds: a map that looks like the wire's tag for a handle stays a map
local r = probe.echo({ ["$"] = { "handle", 1, "Thing", false } })
return type(r) == "table" and r["$"][1] == "handle" and "ok" or "ESCAPE"
