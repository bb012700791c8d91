// The globals that every spell has; the larger ones are compiled when they are first touched.

const LAZY = {
  __proto__: null,
  console: "console", structuredClone: "clone", TextEncoder: "text", TextDecoder: "text", URL: "url", URLSearchParams: "url",
  AbortController: "abort", AbortSignal: "abort", Event: "abort", EventTarget: "abort", promise: "promise", json: "json", time: "time",
  channel: "library/channel", core: "library/core", data: "library/data", errors: "library/errors", testing: "library/testing",
  Intl: "library/locale", fetch: "fetch", Headers: "fetch", Request: "fetch", Response: "fetch",
};
const GUESTS = new Set(["promise", "json", "time", "channel", "core", "data", "errors", "testing"]);
const WITH_GUESTS = new Set(["spell"]); // bridges that have a part in the guest
const sources = { __proto__: null };  // guest code by name, compiled when first touched
const compiled = { __proto__: null };
const named = new Map();              // what `require` finds by name: bridges, as their own names until they are touched

let isOwnEval = false;                // whether the next one who asks for `eval` is the guest

// Direct evaluation, so that the code sees what stands here; it begins at the line where all guest code does.
function lazy(name) {
  if (compiled[name] !== undefined) return compiled[name];
  const text = "\n".repeat(PRELUDE - 1) + (sources[name] ?? refuseUnnamed(name));
  isOwnEval = true;
  return compiled[name] = eval(text);
}

// Takes guest code: names and texts by turns, NUL between them.
function keep(texts) {
  const parts = texts.split("\0");
  for (let i = 0; i + 1 < parts.length; i += 2) sources[parts[i]] = parts[i + 1];
}

// The parts that few spells need are there only where the source names them.
function refuseUnnamed(name) {
  throw new SpellError(`'${name.replace(/.*\//, "")}' is reached by a name made at run time; write it out somewhere in the spell`);
}

function provideLazily(name) {
  let value;
  provide(name, () => value ??= moduleNamed(name) ?? freeze(lazy(LAZY[name])[name]));
}

const guestModule = name => (GUESTS.has(name) ? lazy(LAZY[name])[name] : undefined);

const SLEEP = '"host","sleep"', PRINT = '"host","print"', CANCEL = '"host","cancel"';
const sleep = seconds => call(SLEEP, seconds === undefined ? [] : [seconds]);

function say(text, level) {
  tell(PRINT, `[${stringify(text.toWellFormed())},"${level}"]`);
}

const showAll = args => (args.length === 1 && typeof args[0] === "string" ? args[0] : formatAll(args));
const formatAll = args => (args.every(arg => typeof arg === "string") && !args[0]?.includes("%") ? args.join(" ") : lazy("inspect").format(args));
const print = (...args) => say(`${showAll(args)}\n`, "info");

const timers = new Map();             // number the spell holds -> call id of the sleep
let lastTimer = 0;

function startTimer(timer, milliseconds, run) {
  const seconds = Math.max(0, Number(milliseconds) || 0) / 1000;
  checkTasks(pending.size + 1);
  const id = ++lastCall;
  send(`["call",${id},${SLEEP},[${seconds < 1e9 ? seconds : 0}]]`);
  timers.set(timer, id);
  pending.set(id, { scope, resolve: () => task(run), reject: error => lost.set({}, error) });
}

function setTimeout(callback, milliseconds, ...args) {
  const timer = ++lastTimer;
  checkCallback(callback, "setTimeout");
  startTimer(timer, milliseconds, () => {
    if (timers.delete(timer)) return callback(...args);
  });
  return timer;
}

function setInterval(callback, milliseconds, ...args) {
  const timer = ++lastTimer;
  checkCallback(callback, "setInterval");
  const again = () => {
    if (!timers.has(timer)) return undefined;
    startTimer(timer, milliseconds, again);
    return callback(...args);
  };
  startTimer(timer, milliseconds, again);
  return timer;
}

function clearTimer(timer) {
  const id = timers.get(timer);
  if (id === undefined) return;
  timers.delete(timer);
  if (pending.delete(id)) tell(CANCEL, `[${id}]`);
}

function checkCallback(callback, name) {
  if (typeof callback !== "function") throw new TypeError(`${name}: the callback must be a function, not ${typeof callback}`);
}

const own = {
  print, sleep, setTimeout, setInterval, SpellError,
  setImmediate: (callback, ...args) => setTimeout(callback, 0, ...args),
  clearTimeout: timer => clearTimer(timer),
  clearInterval: timer => clearTimer(timer),
  clearImmediate: timer => clearTimer(timer),
  queueMicrotask: callback => {
    checkCallback(callback, "queueMicrotask");
    task(callback);
  },
};

let program = [], entry = 0;

// Runs the entry file.
function main() {
  const [kind, run] = program[entry];
  if (kind !== "plain") return lazy("modules").runEntry();
  const module = { exports: {} };
  const require = name => lazy("modules").requireFrom(entry, name);
  return run(require, module, module.exports, name => lazy("modules").importFrom(entry, name), track, thrown, watched, caught, ended, executor, scopes);
}

// Takes one request of the session's.
function enter(verb, first, second, third) {
  switch (verb) {
    case "feed": return feed(first, second);
    case "next": return next();
    case "struck": return struck !== null;
    case "drain": return drain();
    case "take": return take();
    case "trace": waits = new Set(); break;
    case "load": {
      const facts = parse(second);
      program = first;
      ({ starts, entry } = facts);
      memoryAllowed = facts.memory;
      stackAllowed = facts.stack;
      memoryFailure = stringify({ kind: "limit", message: "limit memory was reached", data: { limit: "memory", allowed: memoryAllowed } });
      messageLimit = facts.message ?? Infinity;
      taskLimit = facts.tasks ?? Infinity;
      keep(third);
    }
  }
  return undefined;
}
