// Calls of what a builder will be: each waits for the one before it, so that they can be written in a row.

(() => {
  const OF_PROMISES = new Set(["then", "catch", "finally", Symbol.asyncIterator]);

  // Returns the promise of a handle, whose further methods are calls of that handle; their promises are such, too.
  function chained(promise) {
    const own = ownOf("Promise");
    const proxy = new Proxy(NOTHING, {
      ...READ_ONLY,
      get(_, name) {
        if (OF_PROMISES.has(name)) return (...handlers) => promise[name](...handlers);
        if (name in own) return own[name];
        if (typeof name === "symbol" || NO_METHOD.has(name)) return undefined;
        return (...args) => chained(callNext(promise, name, args));
      },
    });
    guestObjects.set(proxy, "promise that was not awaited");
    partsOf.set(proxy, [promise]);
    return proxy;
  }

  // Calls a method of what is promised, with the arguments as they are now.
  function callNext(promise, name, args) {
    const before = lastFunction, site = new NativeError();
    const given = attempt(() => encodeArgs(args));
    const after = lastFunction;
    const next = handle => {
      if (given.error !== undefined) throw given.error;
      checkTasks(pending.size + 1);
      return ask(methodHead(idOf(handle, name), name), given.value, site, handle);
    };
    return promise.then(next, error => {
      EVENTS.forget(Array.from({ length: after - before }, (_, i) => before + 1 + i));   // no call takes these functions along
      throw error;
    });
  }

  function attempt(make) {
    try {
      return { value: make() };
    } catch (error) {
      return { error };
    }
  }

  function idOf(handle, name) {
    const id = handleIds.get(handle);
    if (id === undefined) throw new SpellError(`what was answered is no object of the host and has no ${name}(); await it first`, { kind: "call" });
    return id;
  }

  return chained;
})()
