let seen = 0
try {
  for await (const _ of await probe.streamThenFail(params.count)) seen++
} catch (e) {
  return { seen, kind: e.kind }
}
