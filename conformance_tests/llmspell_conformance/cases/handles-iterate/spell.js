const seen = []
for await (const item of await probe.range(params.count)) seen.push(item)
return seen
