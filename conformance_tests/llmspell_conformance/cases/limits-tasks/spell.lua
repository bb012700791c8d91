local tasks = {}
for i = 1, params.count do
  local ok, task = pcall(promise.spawn, probe.meet, params.count, i)
  tasks[i] = task
end
return promise.all(tasks):await()
