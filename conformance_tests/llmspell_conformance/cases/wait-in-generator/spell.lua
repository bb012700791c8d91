local seen = {}
local numbers = coroutine.wrap(function()
  for i = 1, params.count do coroutine.yield(probe.echo(i)) end
end)
for n in numbers do table.insert(seen, n) end
return seen
