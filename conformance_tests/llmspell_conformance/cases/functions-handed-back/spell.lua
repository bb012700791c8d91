local function same(x) return x end
local back = probe.echo(same)
return { back == same, back(params.x) }
