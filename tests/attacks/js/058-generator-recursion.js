// expect: denied | group: stack | holds: yield* recursion ends with an error
function* g() { yield* g() } return [...g()]
