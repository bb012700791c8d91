-- expect: denied | group: border | holds: a tag for a map inside a tag for a map is unwrapped no further than it was wrapped
local r = probe.echo({ ["$"] = { "map", { { "$", { "handle", 1 } } } } })
return r["$"][1] == "map" and r["$"][2][1][2][1] == "handle" and "ok" or "ESCAPE"
