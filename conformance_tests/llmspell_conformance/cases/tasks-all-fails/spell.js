const tasks = [probe.echo(1), probe.fail(params.kind, "m")]
try { await Promise.all(tasks) } catch (e) {
  return e.kind
}
