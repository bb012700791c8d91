// Runs Promises/A+ on promises that live in a session: what is asked of one is asked over two pipes, and waited for.
const fs = require("fs");
const [, , suite] = process.argv;
const OUT = 3, IN = 4;

const values = new Map(), ids = new Map(), promises = new WeakMap();
let last = 0, unread = "";

function numberOf(value) {
  if (!ids.has(value)) {
    ids.set(value, ++last);
    values.set(last, value);
  }
  return ids.get(value);
}

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

function wire(value) {
  if (promises.has(value)) return { promise: promises.get(value) };
  return isObject(value) ? { object: numberOf(value) } : { plain: numberOf(value) };
}

function unwire(value) {
  if (value.promise !== undefined) return known.get(value.promise);
  if (value.problem !== undefined) return new TypeError(value.problem);
  return values.get(value.object ?? value.plain);
}

function readLine() {
  const chunk = Buffer.alloc(65536);
  for (;;) {
    const end = unread.indexOf("\n");
    if (end >= 0) {
      const line = unread.slice(0, end);
      unread = unread.slice(end + 1);
      return JSON.parse(line);
    }
    const count = fs.readSync(IN, chunk);
    if (count === 0) throw new Error("the session has gone");
    unread += chunk.toString("utf8", 0, count);
  }
}

// Hands something to the session, and does what the session asks for until it has nothing more to ask.
let result;
function feed(message) {
  fs.writeSync(OUT, `${JSON.stringify(message)}\n`);
  const calls = readLine();
  for (const [id, method, args] of calls) {
    if (method === "next") result = args[0];
    else if (method === "get") answer(id, () => get(args[0]));
    else queueMicrotask(() => answer(id, () => (method === "call" ? call(...args) : follow(...args))));
  }
}

function answer(id, run) {
  let message;
  try {
    message = { answer: [id, run()] };
  } catch (error) {
    message = { failure: [id, wire(error)] };
  }
  feed(message);
}

function get(object) {
  const then = values.get(object).then;
  return typeof then === "function" ? numberOf(then) : null;
}

const call = (id, value) => wire((0, values.get(id))(unwire(value)));

function follow(then, object, fulfil, fail) {
  values.get(then).call(values.get(object), settler(fulfil), settler(fail));
  return null;
}

const settler = (number) => (value) => { ask("settle", number, wire(value)); };

function ask(...words) {
  result = undefined;
  feed({ ask: words });
  return result;
}

const known = new Map();

function promiseOf(number) {
  const made = {
    then: (onValue, onError) =>
      promiseOf(ask("then", number, typeof onValue === "function" && numberOf(onValue), typeof onError === "function" && numberOf(onError))),
  };
  promises.set(made, number);
  known.set(number, made);
  return made;
}

function deferred() {
  const [number, fulfil, fail] = ask("deferred");
  return { promise: promiseOf(number), resolve: settler(fulfil), reject: settler(fail) };
}

readLine();
const counts = { passed: 0, failed: 0 };
function Reporter(runner) {
  runner.on("pass", () => { counts.passed++; });
  runner.on("fail", (test, error) => {
    counts.failed++;
    console.log(`${test.fullTitle()}: ${error.message}`);
  });
}
require(`${suite}/node_modules/promises-aplus-tests`)({ deferred }, { reporter: Reporter, timeout: 20000 }, () => {
  console.log(JSON.stringify(counts));
  process.exit(0);
});
