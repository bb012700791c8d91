let count = 0
while (params.forever) {
  count += 1
}
return count
