// expect: limit | group: border | holds: an error that holds very many errors ends the run with an error
let e = new Error("x");
for (let i = 0; i < 30; i++) e = new AggregateError([e, e], "x", { cause: e });
throw e
