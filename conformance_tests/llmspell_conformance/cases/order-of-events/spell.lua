local seen, tasks = {}, {}
for i = 1, 3 do
  tasks[i] = promise.spawn(function() table.insert(seen, probe.echo(i)) end)
end
promise.all(tasks):await()
return seen
