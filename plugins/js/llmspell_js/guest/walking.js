// Walks what a promise promises: `for await (const piece of llm.stream(...))`, with no `await` before the call.

(() => {
  // Returns the iterator of what was promised.
  function walkOver(value) {
    const walk = value?.[Symbol.asyncIterator];
    if (walk !== undefined) return apply(walk, value, []);
    if (typeof value?.[Symbol.iterator] === "function") return eachOf(value);
    throw new TypeError(`what is walked with "for await" is no list and nothing that can be walked, but ${nameOf(value)}`);
  }

  async function* eachOf(items) {
    yield* items;
  }

  const nameOf = value => (value == null ? "nothing" : typeof value === "object" ? "an object" : `a ${typeof value}`);

  // Returns an asynchronous iterator of a promise; nothing is awaited before the first step.
  return promise => {
    let walk;
    return {
      async next() {
        if (walk === undefined) {
          const mine = scope, value = await promise;
          enterScope(mine);
          walk = walkOver(value);
        }
        return walk.next();
      },
      async return(value) {
        await walk?.return?.(value);
        return { value, done: true };
      },
      [Symbol.asyncIterator]() { return this; },
    };
  };
})()
