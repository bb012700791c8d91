local tasks, woken = {}, {}
for i, nap in ipairs(params.naps) do
  tasks[i] = promise.spawn(function() sleep(nap) table.insert(woken, nap) end)
end
promise.all(tasks):await()
return woken
