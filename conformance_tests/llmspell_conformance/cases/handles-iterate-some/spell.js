const seen = []
for await (const item of await probe.range(1000)) {
  seen.push(item)
  if (item === params.stop) break
}
return seen
