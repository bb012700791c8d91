local map = { [true] = 1, b = 2 }
for _ = 1, params.depth do map = { a = map } end
return map
