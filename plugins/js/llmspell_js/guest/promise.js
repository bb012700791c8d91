// Promises: the language's own, and waiting with a time limit, a bounded number at once, tasks that can be stopped.

(() => {
  const { newScope, stopPromise, taskIn, refusers } = lazy("stopping");
  const make = run => {
    checkFunction(run, "promise.new");
    return track(new NativePromise(executor(run)));
  };
  const refuse = message => {
    throw new SpellError(message, { kind: "argument" });
  };
  const nameOf = value => (value == null ? "nothing" : typeof value === "object" ? "an object" : `a ${typeof value}`);
  const method = name => value => apply(NativePromise[name], NativePromise, [value]);
  const resolve = method("resolve"), reject = reason => failed(thrown(reason));

  // Of the promises of a list; what stops the one stops them.
  const gather = name => {
    const gathered = method(name);
    return list => {
      const items = itemsOf(list, `promise.${name}`), made = gathered(items);
      partsOf.set(made, items);
      return made;
    };
  };
  const all = gather("all"), race = gather("race"), any = gather("any"), allSettled = gather("allSettled");

  function itemsOf(list, name) {
    if (list == null || typeof list === "string" || typeof list[Symbol.iterator] !== "function") refuse(`${name} takes a list, not ${nameOf(list)}`);
    return [...list];
  }

  function checkFunction(fn, name) {
    if (typeof fn !== "function") refuse(`${name} takes a function, not ${nameOf(fn)}`);
  }

  // Returns the options given, of which only the known ones may be there: misspelled ones are no options.
  // One that is null is left out, as it is where a bridge takes it.
  function optionsOf(given, name, known) {
    if (given == null) return {};
    if (typeof given !== "object") refuse(`${name} takes options, not ${nameOf(given)}`);
    const wrong = keysOf(given).find(key => !known.includes(key));
    if (wrong !== undefined) refuse(`${name} has no option '${wrong}'; there are ${known.join(", ")}`);
    return Object.fromEntries(keysOf(given).filter(key => given[key] !== null).map(key => [key, given[key]]));
  }

  // Returns a function that answers a promise, whatever `fn` does.
  const async = fn => {
    checkFunction(fn, "promise.async");
    return (...args) => spawn(fn, ...args);
  };

  // Runs code as a task with a scope of its own.
  function begin(run) {
    const inner = newScope(), made = withResolvers();
    const promise = inScope(inner, () => (async () => run())());
    taskIn(inner, made.promise);
    apply(nativeThen, promise, [made.resolve, made.reject]);
    refusers.set(made.promise, made.reject);
    return track(made.promise);
  }

  function spawn(fn, ...args) {
    checkFunction(fn, "promise.spawn");
    return begin(() => fn(...args));
  }

  function checkSeconds(seconds, name) {
    if (typeof seconds === "number" && seconds >= 0) return;
    refuse(`${name} takes seconds, a number of 0 or more, not ${typeof seconds === "number" ? seconds : nameOf(seconds)}`);
  }

  // Fails with the kind `timeout` when the promise has not settled in time; what it waits for is stopped then.
  function timeout(promise, seconds) {
    checkSeconds(seconds, "promise.timeout");
    return within(promise, seconds);
  }

  function within(promise, seconds) {
    const made = withResolvers();
    const late = new SpellError(`no result within ${seconds} seconds`, { kind: "timeout", data: { seconds } });   // made at its line
    const timer = setTimeout(() => {
      made.reject(late);
      stopPromise(promise, late);
    }, seconds * 1000);
    const end = settle => value => {
      clearTimer(timer);
      settle(value);
    };
    apply(nativeThen, resolve(promise), [end(made.resolve), end(made.reject)]);
    refusers.set(made.promise, made.reject);
    partsOf.set(made.promise, [promise]);
    return track(made.promise);
  }

  function await_(promise, seconds) {
    if (seconds == null) return track(resolve(promise));
    checkSeconds(seconds, "promise.await");
    return within(promise, seconds);
  }

  // Calls `fn(item, index)` for every item, at most `maxConcurrent` at once; the results are in the items' order.
  function map(list, fn, options) {
    checkFunction(fn, "promise.map");
    const items = itemsOf(list, "promise.map");
    const { maxConcurrent: width = Infinity } = optionsOf(options, "promise.map", ["maxConcurrent"]);
    if (!(typeof width === "number" && width >= 1)) refuse("promise.map takes a maxConcurrent of 1 or more");
    return begin(() => mapAll(items, fn, Math.floor(Math.min(width, items.length))));
  }

  async function mapAll(items, fn, width) {
    const results = [], mine = scope;
    let next = 0, broken = false;
    const worker = async () => {
      while (next < items.length && !broken) {
        const index = next++;
        try {
          enterScope(mine);
          results[index] = await fn(items[index], index);
        } catch (error) {
          broken = true;
          throw error;
        }
      }
    };
    await all(Array.from({ length: width }, worker));
    return results;
  }

  const token = () => lazy("library/token").token();

  const promise = { all, race, any, allSettled, resolve, reject, async, spawn, timeout, map, token, new: make, await: await_ };
  for (const name of keysOf(promise)) freeze(promise[name]);
  return { promise, begin, checkFunction, checkSeconds, optionsOf };
})()
