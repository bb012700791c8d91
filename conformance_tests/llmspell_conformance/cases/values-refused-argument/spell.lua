local bad = coroutine.create(function() end)
if not params.catch then
  probe.echo({ bad })
end
local ok, error = pcall(probe.echo, { bad })
return error.kind
