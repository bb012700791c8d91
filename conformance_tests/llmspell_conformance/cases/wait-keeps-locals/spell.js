async function work(name) {
  let n = 1
  await probe.meet(params.names.length, name)
  return [name, n + 1]
}
return await Promise.all(params.names.map(work))
