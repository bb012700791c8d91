-- expect: denied | group: border | holds: cycles are refused wherever they cross
local t = {} t.t = { t }
if pcall(probe.echo, t) or pcall(probe.call, function() return t end) then return "ESCAPE" end
error({ message = "x", data = t, cause = t })
