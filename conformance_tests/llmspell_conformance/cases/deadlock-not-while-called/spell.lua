local open
local opened = promise.new(function(resolve) open = resolve end)
if params.how == "hold" then probe.listen(open)
else probe.call_soon(function(x) open({x}) end, "soon") end
if params.how == "twice" then probe.echo() end
return opened:await()
