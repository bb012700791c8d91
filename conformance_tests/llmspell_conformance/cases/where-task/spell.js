(async () => {
  await probe.echo(params.x)
  throw new Error("boom")
})()
return "main"
