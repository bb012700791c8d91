let sum =
  0
  + 0
for (let i = 1; i <= params.n; i += 1) {
  sum += i * 2 + (params.n === 1 ? 1 : 0)
}
return (
  sum)
