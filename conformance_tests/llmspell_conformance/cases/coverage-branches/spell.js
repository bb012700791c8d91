function never() {
  return 9
}
const pick = n => {
  if (n > 1) {
    return "many"
  }
  return "one"
}
return pick(params.n)
