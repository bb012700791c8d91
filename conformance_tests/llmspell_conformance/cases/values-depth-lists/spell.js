let nested = []
for (let i = 1; i < params.depth; i++) nested = [nested]
return nested
