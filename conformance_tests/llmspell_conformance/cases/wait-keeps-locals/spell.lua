local tasks = {}
local function work(name) local n = 1 probe.meet(#params.names, name) return { name, n + 1 } end
for i, name in ipairs(params.names) do tasks[i] = promise.spawn(work, name) end
return promise.all(tasks):await()
