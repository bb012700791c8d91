local made = list({})
for i = 1, params.count do made[i] = null end
return { list = made, map = { a = null } }
