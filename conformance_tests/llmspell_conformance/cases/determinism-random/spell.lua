local numbers = {}
for i = 1, params.count do numbers[i] = math.random() end
return numbers
