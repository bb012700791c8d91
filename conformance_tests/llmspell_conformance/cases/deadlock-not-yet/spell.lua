local open
local opened = promise.new(function(resolve) open = resolve end)
promise.spawn(function() open(probe.echo(params.x)) end)
return opened:await()
