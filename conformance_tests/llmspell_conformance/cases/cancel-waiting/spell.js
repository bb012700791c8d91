try { await probe.never() } finally {
  console.log("cleaning up")
  await probe.collect("cleaning up")
}
