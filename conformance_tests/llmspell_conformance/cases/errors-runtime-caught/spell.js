try { params.nothing.field } catch {
  return await probe.echo(params.x)
}
return "not raised"
