await probe.keep(async (x) => {
  await probe.collect(await probe.echo(x))
})
await probe.echo("main")
