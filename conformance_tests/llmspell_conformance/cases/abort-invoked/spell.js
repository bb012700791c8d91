await probe.keep(async () => {
  try { await probe.never() } finally { console.log("still here") }
})
