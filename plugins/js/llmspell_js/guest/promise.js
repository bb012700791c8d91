// Promises: the language's own, and waiting with a time limit, a bounded number at once.

(() => {
  const make = executor => new NativePromise(executor);
  const method = name => value => apply(NativePromise[name], NativePromise, [value]);
  const all = method("all"), race = method("race"), any = method("any"), allSettled = method("allSettled");
  const resolve = method("resolve"), reject = reason => failed(reason);

  // Returns a function that answers a promise, whatever `fn` does.
  const async = fn => {
    checkCallback(fn, "promise.async");
    return (...args) => spawn(fn, ...args);
  };

  function spawn(fn, ...args) {
    checkCallback(fn, "promise.spawn");
    return track((async () => fn(...args))());
  }

  // Fails with the kind `timeout` when the promise has not settled in time.
  function timeout(promise, seconds) {
    return track(withTimeout(promise, seconds));
  }

  async function withTimeout(promise, seconds) {
    if (seconds == null) return promise;
    let timer;
    const late = make((_, refuseLate) => {
      timer = setTimeout(() => refuseLate(new SpellError(`timed out after ${seconds} s`, { kind: "timeout", data: { seconds } })), seconds * 1000);
    });
    try {
      return await race([promise, late]);
    } finally {
      clearTimer(timer);
    }
  }

  // Calls `fn(item, index)` for every item, at most `maxConcurrent` at once; the results are in the items' order.
  function map(list, fn, options) {
    checkCallback(fn, "promise.map");
    const { maxConcurrent = Infinity } = options ?? {};
    return track(mapAll([...list], fn, Math.max(1, Number(maxConcurrent) || 1)));
  }

  async function mapAll(items, fn, width) {
    const results = [];
    let next = 0, broken = false;
    const worker = async () => {
      while (next < items.length && !broken) {
        const index = next++;
        try {
          results[index] = await fn(items[index], index);
        } catch (error) {
          broken = true;
          throw error;
        }
      }
    };
    await all(Array.from({ length: Math.min(width, items.length) }, worker));
    return results;
  }

  const promise = { all, race, any, allSettled, resolve, reject, async, spawn, timeout, map, new: make, await: timeout };
  for (const name of keysOf(promise)) freeze(promise[name]);
  return { promise };
})()
