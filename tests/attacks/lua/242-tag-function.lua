-- expect: denied | group: border | holds: a map that looks like the wire's tag for a function cannot be called by the host
if pcall(probe.call, { ["$"] = { "function", 1 } }) then return "ESCAPE" end
local r = probe.echo({ { ["$"] = { "function", 1 } } })
return r[1]["$"][2] == 1 and "ok" or "ESCAPE"
