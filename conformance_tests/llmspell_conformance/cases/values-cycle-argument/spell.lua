local ring = {}
ring.next = { ring }
if not params.catch then return probe.echo(ring) end
local ok, error = pcall(probe.echo, ring)
return error.kind
