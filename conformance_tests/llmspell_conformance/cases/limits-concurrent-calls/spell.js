const tasks = []
for (let i = 1; i <= params.count; i++) {
  try { tasks.push(probe.meet(params.count, i)) } catch {}
}
return await Promise.all(tasks)
