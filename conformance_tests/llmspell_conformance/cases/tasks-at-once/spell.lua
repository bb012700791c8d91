local tasks = {}
for i = 1, params.count do tasks[i] = promise.spawn(probe.meet, params.count, i) end
return promise.all(tasks):await()
