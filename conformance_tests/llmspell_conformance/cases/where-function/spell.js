function inner() {
  throw new Error("boom")
}
function outer() {
  inner()
  return 1
}
return outer()
