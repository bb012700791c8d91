if not params.catch then probe.crash() end
local ok, e = pcall(probe.crash)
return e.kind
