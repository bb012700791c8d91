// expect: limit | group: swallow | holds: an error whose every field never returns does not hang the host
const loop = { get() { for (;;); } };
throw Object.defineProperties(new Error("x"), { kind: loop, data: loop, cause: loop, message: loop, stack: loop, name: loop })
