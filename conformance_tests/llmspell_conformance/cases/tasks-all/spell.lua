local tasks = list({})
for i, turn in ipairs(params.turns) do tasks[i] = promise.spawn(probe.later, turn, turn) end
return promise.all(tasks):await()
