const late = async (i) => probe.collect(await probe.echo(i))
for (let i = 1; i <= params.count; i++) late(i)
return "main"
