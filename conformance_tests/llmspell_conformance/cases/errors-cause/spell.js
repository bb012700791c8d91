const seen = []
try { await probe.failBecause(params.depth) } catch (error) {
  for (let e = error.cause; e; e = e.cause) seen.push(e.message)
}
return seen
