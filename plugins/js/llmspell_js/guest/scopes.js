// What a task starts is stopped with it: what runs belongs to a scope, which lies inside that of the task that started it.

const MAIN = { outer: null, invocation: 0, ended: false, stopped: null };
let scope = MAIN;                     // of what runs now
const partsOf = new WeakMap();        // the promises that one was made of: what stops the one stops them
const quiet = new WeakSet();          // errors by which what was stopped comes to its end: nobody needs to handle them

// Returns by what error a scope was stopped, or null.
function stopOf(inner) {
  for (; inner !== null; inner = inner.outer) if (inner.stopped !== null) return inner.stopped;
  return null;
}

// Goes on in a scope, but for one that was stopped.
function enterScope(mine) {
  scope = mine;
  const stop = stopOf(mine);
  if (stop !== null) throw stop;
}

// Calls a function in a scope.
function inScope(inner, run) {
  const outer = scope;
  scope = inner;
  try {
    return run();
  } finally {
    scope = outer;
  }
}

// What a program that stops tasks calls to stay in its scope wherever it goes on: see `silent.py`.
const scopes = freeze({
  here: () => scope,
  back: (mine, value) => {
    enterScope(mine);
    return value;
  },
  to: enterScope,
  live: mine => stopOf(mine) === null,
  open: () => lazy("stopping").openScope(),
  task: (inner, value) => lazy("stopping").closeScope(inner, value),
  wait: value => {
    if (waits !== null && value instanceof NativePromise) lazy("waits").note(value);
    return value;
  },
});
