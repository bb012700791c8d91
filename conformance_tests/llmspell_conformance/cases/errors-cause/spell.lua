local ok, e = pcall(probe.fail_because, params.depth)
local seen = list({})
while e.cause do e = e.cause table.insert(seen, e.message) end
return seen
