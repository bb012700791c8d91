const seen = []
for await (const item of await probe.stream(params.items)) seen.push(item)
return seen
