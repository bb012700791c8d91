local made = list({})
for i = 1, params.count do made[#made + 1] = i * i end
return made
