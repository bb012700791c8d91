try { await probe.fail(params.kind, "m", 1) } catch (e) {
  return await probe.echo({ caught: e })
}
