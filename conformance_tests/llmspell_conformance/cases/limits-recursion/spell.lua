local function dive(n) return 1 + dive(n + 1) end
if not params.catch then return dive(0) end
local ok = pcall(dive, 0)
return probe.echo(ok and "returned" or "caught")
