// Functions that stand in for others in tests, and note how they are called.

(() => {
  const { refuse, expect, expectText, expectFunction, isMap, nameOf } = lazy("library/shapes");
  const states = new WeakMap();       // by the double that the spell holds
  const placed = [];                  // what is to be put back, in order

  const stateOf = value => (typeof value === "function" ? states.get(value) : undefined);

  function answered(state, args) {
    const answer = state.answers.length !== 0 ? state.answers.shift() : state.does;
    return answer === undefined ? undefined : answer(...args);
  }

  function mock(f) {
    if (f !== undefined) expectFunction(f, "mock");
    const state = { calls: [], answers: [], does: f, first: f, putBack: null };
    const made = (...args) => {
      state.calls.push(args);
      return answered(state, args);
    };
    const methods = {
      calls: () => state.calls,
      returns: value => { state.does = () => value; return made; },
      returnsOnce: value => { state.answers.push(() => value); return made; },
      raises: error => { state.does = () => { throw thrown(error); }; return made; },
      does: fn => { state.does = expectFunction(fn, "does"); return made; },
      reset: () => { Object.assign(state, { calls: [], answers: [], does: state.first }); return made; },
      restore: () => { state.putBack?.(); },
    };
    for (const name of keysOf(methods)) defineProperty(made, name, { value: methods[name], enumerable: false });
    states.set(made, state);
    return made;
  }

  // Returns an object whose functions are mocks: of names, or by name of what they return or do.
  function mockObject(functions) {
    if (isArray(functions)) return Object.fromEntries(functions.map(name => [expectText(name, "mockObject"), mock()]));
    expect(isMap(functions), "mockObject", "names, or answers by name", functions);
    const double = answer => (typeof answer === "function" ? mock(answer) : mock().returns(answer));
    return Object.fromEntries(keysOf(functions).map(name => [name, double(functions[name])]));
  }

  // Puts a double in the place of a function of an object, or of a bridge.
  function place(target, name, caller, make) {
    expectText(name, caller);
    if (typeof target !== "object" && typeof target !== "function" || target === null) refuse(`${caller} takes a bridge or an object and a name, not ${nameOf(target)}`);
    const where = methodsOf.get(target) ?? target;
    if (where === target && (hostObjects.has(target) || !Object.isExtensible(target))) refuse(`${caller} takes the functions of bridges and of objects of your own`);
    const had = hasOwn(where, name), double = make(target[name]), kept = where[name];
    where[name] = double;
    const state = states.get(double);
    state.putBack = () => {
      if (had) where[name] = kept;
      else delete where[name];
      state.putBack = null;
    };
    placed.push(state);
    return double;
  }

  // Has calls of a function noted, and made.
  const spy = (target, name) => place(target, name, "spy", f => {
    expectFunction(f, "spy");
    return mock((...args) => apply(f, target, args));
  });

  // Puts a mock in the place of a function; `answer` is what it returns, or a function that does. A bridge's answers a
  // promise, as the function itself does.
  const stub = (target, name, answer) => place(target, name, "stub", () => {
    const does = typeof answer === "function" ? answer : () => answer;
    return mock(methodsOf.has(target) ? async (...args) => does(...args) : does);
  });

  // Puts back all that stands in for something.
  function restore() {
    while (placed.length !== 0) placed.pop().putBack?.();
  }

  return { mock, mockObject, spy, stub, restore, stateOf };
})()
