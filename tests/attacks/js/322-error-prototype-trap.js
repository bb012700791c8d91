// expect: denied | group: swallow | holds: errors with hostile prototypes end the run with an error
class E extends Error { get name() { throw this } get message() { throw this } get [Symbol.toStringTag]() { throw this } toString() { throw this } }
throw new E("x")
