const woken = []
await Promise.all(params.naps.map(async (nap) => {
  await sleep(nap)
  woken.push(nap)
}))
return woken
