local tasks, seen = {}, {}
for i, turn in ipairs(params.turns) do
  tasks[i] = promise.spawn(function() table.insert(seen, probe.later(i, turn)) end)
end
promise.all(tasks):await()
return seen
