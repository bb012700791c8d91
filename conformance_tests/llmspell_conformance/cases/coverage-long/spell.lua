local sum =
  0
  + 0
for i = 1, params.n do
  sum = sum + i * 2 + (params.n == 1 and 1 or 0)
end
return
  sum
