local count, seen = 0, list({})
probe.keep(function() count = count + 1 return count end)
for _ = 1, params.times do table.insert(seen, probe.call_kept()) end
return seen
