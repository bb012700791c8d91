let nested = {}
for (let i = 1; i < params.depth; i++) nested = { a: nested }
return nested
