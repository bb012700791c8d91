try {
  await probe.fail(params.kind, "m", { a: 1 })
} catch (e) {
  await probe.collect("cleaned up")
  throw e
}
