local tasks = { promise.spawn(probe.echo, params.x), promise.spawn(probe.fail, "odd", "m") }
local good, bad = table.unpack(promise.all_settled(tasks):await())
return { good, { status = bad.status, kind = bad.reason.kind } }
