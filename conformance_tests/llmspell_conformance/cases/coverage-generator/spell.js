const each = function* () {
  yield 1
  yield 2
  yield 3
}
const made = each(), take = () => made.next().value
take()
return take()
