local items = list {}
for i = 1, params.count do items[i] = i end
local mixed = core.table.shuffle(items)
return params.sorted and data.sort_by(mixed, function(x) return x end) or mixed
