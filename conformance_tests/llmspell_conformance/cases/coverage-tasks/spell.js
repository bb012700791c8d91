const later = async n => {
  await probe.echo(n)
  if (n > 1) {
    return await probe.echo(
      n)
  }
  return 0
}
const task = later(params.n)
return await task
