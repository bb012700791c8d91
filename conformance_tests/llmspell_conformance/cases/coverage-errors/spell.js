let value = 1
if (params.fail) {
  value += 1
  throw new Error("no")
  value = 0
}
return value
