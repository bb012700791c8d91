try {
  await probe.fail(params.kind, "m")
} catch (e) {
  return await probe.echo(e.kind)
}
