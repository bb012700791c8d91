const add = (a, b) => a + b
const multiply = (a, b) => a * b
return await probe.callEach({ first: add, rest: [multiply] }, params.a, params.b)
