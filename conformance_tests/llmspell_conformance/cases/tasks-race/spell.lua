local tasks = {}
for i, turn in ipairs(params.turns) do tasks[i] = promise.spawn(probe.later, i, turn) end
return promise.race(tasks):await()
