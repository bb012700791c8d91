local seen = list({})
for item in probe.range(1000) do
  table.insert(seen, item)
  if item == params.stop then break end
end
return seen
