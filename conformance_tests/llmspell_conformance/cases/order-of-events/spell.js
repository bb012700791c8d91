const seen = []
await Promise.all([1, 2, 3].map(async (i) => {
  seen.push(await probe.echo(i))
}))
return seen
