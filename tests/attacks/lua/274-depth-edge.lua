-- expect: denied | group: border | holds: a hundred levels cross and one more does not, in arguments, errors and results
local function nest(n) local t = 1 for _ = 1, n do t = { t } end return t end
if not pcall(probe.echo, nest(99)) then return "ESCAPE refused" end
if pcall(probe.echo, nest(101)) then return "ESCAPE deep" end
error({ message = "x", data = nest(5000) })
