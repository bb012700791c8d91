local seen = list({})
for item in probe.stream(params.items) do table.insert(seen, item) end
return seen
