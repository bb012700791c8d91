// expect: denied | group: border | holds: a chain of causes without end, and one that is a ring, end the run with an error
const first = new Error("x");
let e = first;
for (let i = 0; i < 10000; i++) e = new Error("x", { cause: e });
first.cause = e;
throw e
