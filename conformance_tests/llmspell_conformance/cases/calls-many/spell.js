let sum = 0
for (let i = 1; i <= params.count; i++) sum += await probe.echo(i)
return sum
