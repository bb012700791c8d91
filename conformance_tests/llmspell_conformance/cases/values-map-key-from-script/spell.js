let map = new Map([[true, 1], ["b", 2]])
for (let i = 0; i < params.depth; i++) map = { a: map }
return map
