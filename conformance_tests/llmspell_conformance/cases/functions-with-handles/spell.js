return await probe.withCounter(params.start, async (counter) => {
  await counter.incr()
  return await counter.incr()
})
