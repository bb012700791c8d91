async function* numbers() {
  for (let i = 1; i <= params.count; i++) yield await probe.echo(i)
}
const seen = []
for await (const n of numbers()) seen.push(n)
return seen
