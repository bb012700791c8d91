if (!params.catch) await probe.crash()
try { await probe.crash() } catch (e) {
  return e.kind
}
