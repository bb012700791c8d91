local seen = list({})
for item in probe.range(params.count) do table.insert(seen, item) end
return seen
