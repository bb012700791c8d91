// Calls to the host, functions it calls, and what the run still waits for.

const outbox = [];                    // requests as JSON text
const pending = new Map();            // call id -> {promise, resolve, reject, site} or {run, reject}
const functions = new Map(), functionIds = new WeakMap();
const open = new Set();               // promises whose failure nobody has taken on yet
const lost = new Map();               // those of them that have failed, and with what
const dropped = [];                   // handles that the spell no longer holds
const live = new Map();               // invocations that the host waits for, and their scopes
let lastCall = 0, lastFunction = 0, running = 0, outboxSize = 0, messageLimit = Infinity, now = 0, began = 0;
let ending = null;                    // ["finish" | "fail", JSON text]
let settled = false, taskLimit = Infinity;
let closing = null;                   // what the spell wants done at its end, a function of the failure and the value
let underway = false, closed = false; // whether that is being done, has begun
let waits = null;                     // where promises are waited for: kept only in a run that is told again
let struck = null;                    // the limit that ends the run, and where

function send(text) {
  outboxSize += text.length;
  if (outboxSize > messageLimit) {
    outbox.length = 0;
    strike("message", messageLimit, outboxSize);
  }
  outbox.push(text);
}

// Ends the run with this step, whatever the spell makes of the error.
function strike(limit, allowed, used) {
  struck ??= { limit, allowed, used, ...placeOfError(new NativeError()) };
  throw new SpellError(`limit ${limit} was reached`, { kind: "limit" });
}

function checkTasks(count) {
  if (count > taskLimit) strike("tasks", taskLimit, count);
}

// Passes on what the spell is about to catch, unless it is a limit. What the VM itself has thrown is the spell's from here
// on, and looks like any other error of its class.
function caught(error, mine) {
  notice(error);
  if (struck !== null) throw error;
  if (mine !== undefined) enterScope(mine);
  if (isError(error)) {
    const proto = getPrototypeOf(error), shown = shownPrototype(proto);
    if (shown !== proto) setPrototypeOf(error, shown);
  }
  return error;
}

// Stands first in what runs however a piece of code has ended: a limit has ended that, too.
function ended() {
  if (struck !== null) throw new SpellError("a limit was reached", { kind: "limit" });
}

// Asks the host, and returns the promise of its answer. `head` is the target and method as JSON text.
function call(head, args, holder) {
  try {
    if (stopOf(scope) !== null) return new NativePromise(() => {});   // the rest of what was stopped asks for nothing
    checkTasks(pending.size + 1);
    return ask(head, encodeArgs(args), new NativeError(), holder);
  } catch (error) {
    return failed(error);
  }
}

// Asks the host with arguments as JSON text; an error of the answer is placed at the site.
function ask(head, text, site, holder) {
  const id = ++lastCall;
  send(`["call",${id},${head},${text}${scope.invocation === 0 ? "" : `,${scope.invocation}`}]`);
  const waiting = withResolvers();
  waiting.site = site;
  waiting.holder = holder;
  waiting.scope = scope;
  pending.set(id, waiting);
  open.add(waiting.promise);
  return waiting.promise;
}

function failed(error) {
  notice(error);
  const promise = rejectWith(error);
  open.add(promise);
  lost.set(promise, error);
  return promise;
}

const rejectWith = error => apply(nativeReject, NativePromise, [error]);
const tell = (head, text) => send(`["tell",${head},${text}]`);
const methodHead = (target, method) => `${stringify(target)},${stringify(snake(method.toWellFormed()))}`;
const snake = name => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

// Takes on the failure of a promise: whoever awaits or chains it looks up its constructor.
function takeOn(promise) {
  if (open.size !== 0 && open.delete(promise)) lost.delete(promise);
}

// Remembers a promise that was made for the spell, until somebody takes it on or it succeeds.
function watch(promise) {
  apply(nativeThen, promise, [() => { open.delete(promise); }, error => { if (!open.has(promise)) return; quiet.has(error) ? open.delete(promise) : lost.set(promise, error); }]);
  open.add(promise);
}

// Handlers run in the scope of who gave them; those of a scope that was stopped do not.
const { then } = {
  then(onFulfilled, onRejected) {
    takeOn(this);                      // of a class of the spell's own, the constructor is not ours
    const mine = scope;
    const inside = handler => (typeof handler !== "function" ? handler : value => {
      enterScope(mine);
      return handler(value);
    });
    const guarded = typeof onRejected === "function" ? error => onRejected(caught(error, mine)) : onRejected;
    return track(apply(nativeThen, this, [inside(onFulfilled), guarded]));
  },
};

// Returns a callback of the spell's that watches each promise it answers with: who calls it may drop them.
function watched(callback) {
  const made = { callback(...args) { return track(apply(callback, this, args)); } }.callback;
  for (const key of ["name", "length"]) defineProperty(made, key, getDescriptor(callback, key));
  return setPrototypeOf(made, getPrototypeOf(callback));
}

// Returns the function that a promise is made with, its second argument noting what it is given.
function executor(run) {
  return typeof run === "function" ? (resolve, reject) => run(resolve, noting(reject)) : run;
}

const noting = reject => reason => reject(thrown(reason));

// Watches a promise that may have been left to itself; anything else passes.
function track(value) {
  if (typeof value !== "object" || value === null) return value;
  try {
    if (value instanceof NativePromise) watch(value);
  } catch { /* it only looks like a promise */ }
  return value;
}

// Runs code of the spell's as a task of its own: an error in it fails the run.
function task(run) {
  const mine = scope;
  apply(nativeThen, RESOLVED, [() => {
    if (stopOf(mine) !== null) return;
    try {
      scope = mine;
      track(run());
    } catch (error) {
      lost.set({}, error);
    }
  }]);
}

function functionId(value) {
  let id = functionIds.get(value);
  if (id === undefined) functionIds.set(value, id = ++lastFunction);
  functions.set(id, value);
  return id;
}

function invoke(invocation, id, args) {
  const mine = { outer: null, invocation, ended: false, stopped: null };
  live.set(invocation, mine);
  running++;
  apply(nativeThen, RESOLVED, [async () => {
    try {
      scope = mine;
      checkTasks(running);
      const run = functions.get(id);
      if (run === undefined) throw new SpellError(`the spell has no function ${id} (any more)`, { kind: "call" });
      const value = await run(...args);
      if (!live.has(invocation)) return;
      send(`["return",${invocation},${encode(value)}]`);
    } catch (error) {
      notice(error);
      if (!live.has(invocation)) return;
      send(`["throw",${invocation},${described(error)}]`);
    }
    if (live.delete(invocation)) running--;
  }]);
}

// Stops an invocation that nobody waits for any more: the calls made for it are never answered.
function abort(invocation) {
  const mine = live.get(invocation);
  if (mine === undefined) return;
  live.delete(invocation);
  running--;
  lazy("stopping").stopScope(mine, new SpellError("nobody waits for it any more", { kind: "cancelled" }), () => {});
}

const EVENTS = {
  __proto__: null,
  resolve(id, value) {
    const waiting = pending.get(id);
    if (waiting === undefined) return;
    pending.delete(id);
    open.delete(waiting.promise);
    scope = waiting.scope;
    waiting.resolve(value);
  },
  reject(id, fields) {
    const waiting = pending.get(id);
    if (waiting === undefined) return;
    pending.delete(id);
    scope = waiting.scope;
    const error = rejectionOf(fields, waiting.site);
    if (open.has(waiting.promise)) lost.set(waiting.promise, error);
    waiting.reject(error);
  },
  invoke,
  abort,
  forget(ids) {
    for (const id of ids) {
      functionIds.delete(functions.get(id));
      functions.delete(id);
    }
  },
  start(params, seed, bridges) {
    began = now;
    seedRandom(seed);
    begin(params, bridges);
  },
};

let events = [], tags = false;        // of the inbox, those that have not been handled

// Takes an inbox and handles its first event; `tagged` tells whether it has values that JSON has no form for.
function feed(text, tagged) {
  const [time, all] = parse(text);
  now = time;
  events = all;
  events.reverse();
  tags = tagged;
  return next();
}

// Handles an event and tells how many are left. What it sets going runs before the next, so that `scope` holds for it.
function next() {
  if (events.length !== 0) {
    const event = events.pop();
    const [name, first, second, third] = tags ? raise(event) : event;
    scope = MAIN;
    EVENTS[name](first, second, third);
  }
  return events.length;
}

const exhausted = {};                 // stands for the memory limit; made while there is memory

// Running out of memory or stack ends the run wherever it is seen to happen.
function notice(error) {
  if (struck !== null) {
    // Where it struck there may have been no room to tell the place.
    if (struck.file === undefined) struck = { ...struck, ...placeOfError(error) };
    return;
  }
  if (isError(error) && getPrototypeOf(error) === NativeSuppressed) {
    // What disposing threw, and what had been thrown before.
    for (const key of ["suppressed", "error"]) if (read(error, key) !== null) notice(read(error, key));
    return;
  }
  const short = shortage(error);
  if (short === "stack") struck = { limit: "stack", allowed: stackAllowed, ...placeOfError(error) };
  else if (short === "memory" && memoryAllowed !== null) {
    struck = exhausted;
    struck = { limit: "memory", allowed: memoryAllowed, ...placeOfError(error) };
  }
}

// Returns an error's fields as JSON text; where memory does not suffice even for that, it is what failed.
function described(error) {
  try {
    notice(error);
    return stringify(describe(error));
  } catch (problem) {
    notice(problem);
    struck ??= exhausted;
    return memoryFailure;
  }
}

// Runs the main code; its end ends the run once everything it started has ended too.
function run(main) {
  apply(nativeThen, main, [
    value => {
      settled = true;
      try {
        ending = ["finish", encode(value), value];
      } catch (error) {
        ending = ["fail", described(error), error];
      }
    },
    error => {
      settled = true;
      ending = ["fail", described(error), error];
    },
  ]);
}

// Returns the requests made so far, with commas between them, and forgets them.
function take() {
  // Joined, never concatenated: the VM cannot hand out a string that it keeps in pieces.
  const text = outbox.join();
  outbox.length = outboxSize = 0;
  return text;
}

// Begins what the spell wants done at its end, when it is there; tells whether it has.
function close() {
  if (struck !== null) return false;
  if (lost.size !== 0 && ending?.[0] !== "fail") {
    const [error] = lost.values();
    ending = ["fail", described(error), error];
    settled = true;
  }
  const failed = ending?.[0] === "fail";
  if (!failed && (!settled || pending.size !== 0 || running !== 0)) {
    if (pending.size !== 0 || running !== 0 || functions.size !== 0) return false;
    const message = deadlocked();
    ending = ["fail", stringify({ kind: "deadlock", message }), new SpellError(message, { kind: "deadlock" })];
    return close();
  }
  if (failed) stopAll();
  const run = closing, [, , what] = ending;
  closing = null;
  underway = closed = settled = true;
  scope = MAIN;
  const problem = error => {
    if (!failed) ending = ["fail", described(error)];
  };
  apply(nativeThen, RESOLVED, [async () => {
    try {
      await run(failed, what);
    } catch (error) {
      notice(error);
      problem(error);
    }
    underway = false;
  }]);
  return true;
}

// Stops all that the spell waits for.
function stopAll() {
  for (const id of pending.keys()) tell(CANCEL, `[${id}]`);
  pending.clear();
  live.clear();
  open.clear();
  lost.clear();
  running = 0;
}

// Returns the outbox, its last request the end when the run is at its end; null when there is more to run before.
function drain() {
  if (closing !== null && close()) return null;
  if (dropped.length !== 0) outbox.push(`["release",[${dropped.splice(0).join()}]]`);
  const end = endOfRun();
  if (end !== undefined) outbox.push(end);
  return take();
}

function endOfRun() {
  if (struck !== null) return `["fail",${limitText()},true]`;
  if (underway && (pending.size !== 0 || running !== 0)) return undefined;
  if (settled && ending[0] === "fail") return `["fail",${ending[1]}]`;
  for (const error of lost.values()) {
    const text = described(error);
    return struck === null ? `["fail",${text}]` : `["fail",${limitText()},true]`;
  }
  if (pending.size !== 0 || running !== 0) return undefined;
  if (settled && !underway) return `["finish",${ending[1]}]`;
  if (functions.size !== 0) return undefined;    // the host may still call one of them
  return `["fail",${stringify({ kind: "deadlock", message: deadlocked() })}]`;
}

function limitText() {
  try {
    const { limit, allowed, used, file, line } = struck;
    if (limit !== undefined) return stringify({ kind: "limit", message: `limit ${limit} was reached`, data: { limit, allowed, used }, file, line });
  } catch { /* there is no memory left to say it better */ }
  return memoryFailure;
}

const deadlocked = () => `the spell waits for something that nobody can bring about${waits === null ? "" : lazy("waits").text()}`;

const failure = fields => `["fail",${stringify(fields)}]`;
