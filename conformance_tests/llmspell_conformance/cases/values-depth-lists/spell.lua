local nested = list({})
for _ = 2, params.depth do nested = { nested } end
return nested
