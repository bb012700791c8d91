async function descend(n) {
  if (n === 0) return 0
  return 1 + (await probe.call(descend, n - 1))
}
return await descend(params.depth)
