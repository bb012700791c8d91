const task = probe.fail(params.kind, "m")
try { await task } catch (e) {
  return [e.kind, e.message]
}
