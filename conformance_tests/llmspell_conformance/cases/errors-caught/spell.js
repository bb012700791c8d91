try {
  await probe.fail(params.kind, params.message, params.data)
} catch (e) {
  return [e.kind, e.message, e.data]
}
