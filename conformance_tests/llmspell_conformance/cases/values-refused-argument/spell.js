const bad = Symbol("bad")
if (!params.catch) {
  await probe.echo([bad])
}
try { return await probe.echo([bad]) } catch (error) { return error.kind }
