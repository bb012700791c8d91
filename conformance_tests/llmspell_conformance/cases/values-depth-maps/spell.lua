local nested = {}
for _ = 2, params.depth do nested = { a = nested } end
return nested
