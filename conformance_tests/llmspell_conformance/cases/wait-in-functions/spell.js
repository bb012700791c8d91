async function down(n) {
  if (n === 0) return await probe.echo(0)
  return 1 + (await down(n - 1))
}
return await down(params.depth)
