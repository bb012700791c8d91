const tasks = []
for (let i = 1; i <= params.count; i++) tasks.push(probe.meet(params.count, i))
return await Promise.all(tasks)
