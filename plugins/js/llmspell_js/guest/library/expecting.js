// Expectations: each throws an `assertion` error at the spell's line, with both values as text, where it does not hold.

(() => {
  const { refuse, expect: expectThat, expectText, expectFunction, expectList, expectNumber, isMap, isPromise, nameOf } = lazy("library/shapes");
  const { stateOf } = lazy("library/doubles");
  const WIDTH = 60;
  const same = (a, b) => lazy(LAZY.data).data.equals(a, b);

  // Text of values -----------------------------------------------------------------------------------------------

  const keyText = key => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : stringify(key));

  function show(value, indent = "", above = []) {
    if (typeof value === "string") return stringify(value.toWellFormed());
    if (isError(value)) return `error(${read(value, "kind")}, ${stringify(String(read(value, "message")))})`;
    if (!isArray(value) && !isMap(value)) return lazy("inspect").inspect(value);
    if (above.includes(value) || above.length > 20) return "[Circular]";
    const inner = `${indent}  `, mine = [...above, value], [first, last] = isArray(value) ? "[]" : "{}";
    const items = isArray(value)
      ? Array.from(value, item => show(item, inner, mine))
      : keysOf(value).sort().map(key => `${keyText(key)}: ${show(value[key], inner, mine)}`);
    const line = items.join(", ");
    if (line.length + indent.length <= WIDTH && !line.includes("\n")) return `${first}${line}${last}`;
    return `${first}\n${inner}${items.join(`,\n${inner}`)},\n${indent}${last}`;
  }

  function brief(text) {
    const short = text.replace(/\s+/g, " ");
    return short.length > WIDTH ? `${short.slice(0, WIDTH)}...` : short;
  }

  // Checking -----------------------------------------------------------------------------------------------------

  // Returns the error of an expectation, made where the spell calls it.
  function unmet(never, phrase, wanted, got) {
    const head = `expected ${brief(got)}${never ? " never" : ""} to ${phrase}`;
    const data = { matcher: phrase, got, expected: never ? undefined : wanted };
    return new SpellError(wanted === undefined ? head : `${head} ${brief(wanted)}`, { kind: "assertion", data: { ...(data.expected === undefined ? { matcher: phrase, got } : data) } });
  }

  function fail(message = "the test has failed") {
    throw new SpellError(expectText(message, "fail"), { kind: "assertion" });
  }

  const KINDS = {
    __proto__: null,
    nothing: value => value == null,
    bool: value => typeof value === "boolean",
    int: value => typeof value === "bigint" || Number.isInteger(value),
    number: value => typeof value === "number" || typeof value === "bigint",
    text: value => typeof value === "string",
    list: value => isArray(value),
    map: value => isMap(value),
    function: value => typeof value === "function",
    error: value => isError(value),
  };

  function lengthOf(value) {
    if (typeof value === "string") return [...value].length;
    if (isArray(value)) return value.length;
    return isMap(value) ? keysOf(value).length : undefined;
  }

  // Tells whether a map has at least these fields; maps in it likewise.
  function includes(value, wanted) {
    if (!isMap(wanted) || !isMap(value)) return same(value, wanted);
    return keysOf(wanted).every(key => includes(value[key], wanted[key]));
  }

  // Returns how many of some items a list holds, each of its own counting once.
  function countHeld(list, wanted) {
    const left = [...list];
    return wanted.filter(item => {
      const at = left.findIndex(each => same(each, item));
      return at !== -1 && left.splice(at, 1);
    }).length;
  }

  // Returns the regular expression that a pattern is; it begins at the start of a text each time.
  function formOf(pattern, name) {
    if (typeof pattern === "string") return new RegExp(pattern, "u");
    expectThat(pattern instanceof RegExp, name, "a regular expression", pattern);
    return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  }
  const patternText = pattern => (typeof pattern === "string" ? show(pattern) : String(pattern));

  // A promise counts as true, whatever comes of it.
  const atOnce = (told, name) => (isPromise(told) ? refuse(`${name} takes a function that comes back at once; await what waits before`) : told);

  // Tells whether an error is meant by a part of its message, or by its fields.
  function isMeant(error, wanted) {
    if (wanted === undefined) return true;
    if (typeof wanted === "string") return error.message.includes(wanted);
    return keysOf(wanted).every(key => (key === "message" ? error.message.includes(wanted.message) : same(error[key], wanted[key])));
  }

  async function caughtBy(f) {
    const mine = scope;
    try {
      await f();
      return undefined;
    } catch (thrown) {
      return valueOf(caught(thrown, mine));
    } finally {
      enterScope(mine);
    }
  }

  // What is asked of an expectation that it does not have is told, and not taken for a promise that was not awaited.
  const KNOWN = {
    get(target, name) {
      if (name in target || typeof name === "symbol" || NO_METHOD.has(name)) return target[name];
      return refuse(`an expectation has no ${name}; it has ${keysOf(target).join(", ")}`);
    },
  };

  function expectation(value, never) {
    const own = {}, made = new Proxy(own, KNOWN);
    const check = (holds, phrase, wanted, got = show(value)) => {
      if (Boolean(holds) === never) throw unmet(never, phrase, wanted, got);
      return made;
    };
    const isText = typeof value === "string";
    const compares = (name, phrase, holds) => bound => {
      expectThat(KINDS.number(bound), name, "a number", bound);
      return check(KINDS.number(value) && holds(bound), phrase, show(bound));
    };
    const doubleFor = name => stateOf(value) ?? refuse(`${name} takes a mock, a spy or a stub, not ${nameOf(value)}`);
    const placedAt = () => new SpellError("", { kind: "assertion" });

    // What waits tells its failure at the line that called it.
    async function later(site, judge) {
      const [holds, phrase, wanted, got] = await judge();
      if (Boolean(holds) !== never) return made;
      const error = unmet(never, phrase, wanted, got);
      for (const key of ["file", "line", "traceback"]) if (read(site, key) !== undefined) setOwn(error, key, read(site, key));
      throw error;
    }

    function raising(name, phrase, wanted, judge) {
      expectFunction(value, name);
      return track(later(placedAt(), async () => {
        const error = await caughtBy(value), got = error === undefined ? "a function that raises nothing" : show(error);
        return [error !== undefined && judge(error), phrase, wanted, got];
      }));
    }

    const methods = {
      never: () => expectation(value, !never),
      equals: wanted => check(same(value, wanted), "equal", show(wanted)),
      same: wanted => check(Object.is(value, wanted), "be the same as", show(wanted)),
      isTrue: () => check(value === true, "be", "true"),
      isFalse: () => check(value === false, "be", "false"),
      isTruthy: () => check(value, "be truthy"),
      isFalsy: () => check(!value, "be falsy"),
      isNothing: () => check(value == null, "be nothing"),
      isA: kind => {
        const fits = KINDS[kind] ?? refuse(`isA takes nothing, bool, int, number, text, list, map, function or error, not ${show(kind)}`);
        return check(fits(value), "be a", String(kind));
      },
      contains: wanted => {
        if (isText) return check(value.includes(expectText(wanted, "contains")), "contain", show(wanted));
        const items = isArray(value) ? value : isMap(value) ? keysOf(value).map(key => value[key]) : [];
        return check(items.some(item => same(item, wanted)), "contain", show(wanted));
      },
      hasItems: wanted => {
        const { length } = expectList(wanted, "hasItems");
        return check(isArray(value) && countHeld(value, wanted) === length, "have the items", show(wanted));
      },
      sameItems: wanted => {
        const { length } = expectList(wanted, "sameItems");
        return check(isArray(value) && value.length === length && countHeld(value, wanted) === length, "have the same items as", show(wanted));
      },
      every: f => {
        expectFunction(f, "every");
        return check(expectList(value, "every").every(item => atOnce(f(item), "every")), "satisfy the function in every item");
      },
      oneOf: values => check(expectList(values, "oneOf").some(item => same(item, value)), "be one of", show(values)),
      hasKey: key => check((isMap(value) || isArray(value)) && hasOwn(value, key) && value[key] !== undefined, "have the key", show(key)),
      includes: wanted => check(includes(value, wanted), "include", show(wanted)),
      matches: pattern => {
        const form = formOf(pattern, "matches");
        return check(isText && form.test(value), "match", patternText(pattern));
      },
      startsWith: text => {
        expectText(text, "startsWith");
        return check(isText && value.startsWith(text), "start with", show(text));
      },
      endsWith: text => {
        expectText(text, "endsWith");
        return check(isText && value.endsWith(text), "end with", show(text));
      },
      hasLength: count => check(lengthOf(value) === expectNumber(count, "hasLength", 0), "have the length", show(count)),
      isEmpty: () => check(lengthOf(value) === 0, "be empty"),
      above: compares("above", "be above", bound => value > bound),
      atLeast: compares("atLeast", "be at least", bound => value >= bound),
      below: compares("below", "be below", bound => value < bound),
      atMost: compares("atMost", "be at most", bound => value <= bound),
      between: (low, high) => {
        for (const bound of [low, high]) expectThat(KINDS.number(bound), "between", "a number", bound);
        return check(KINDS.number(value) && value >= low && value <= high, "be between", `${show(low)} and ${show(high)}`);
      },
      near: (wanted, within = 1e-9) => {
        expectThat(typeof wanted === "number", "near", "a number", wanted);
        return check(typeof value === "number" && Math.abs(value - wanted) <= expectNumber(within, "near", 0), "be near", show(wanted));
      },
      satisfies: f => check(atOnce(expectFunction(f, "satisfies")(value), "satisfies"), "satisfy the function"),
      raises: wanted => {
        expectThat(wanted === undefined || typeof wanted === "string" || isMap(wanted), "raises", "text or fields", wanted);
        const shown = wanted === undefined ? undefined : show(wanted);
        return raising("raises", shown === undefined ? "raise an error" : "raise", shown, error => isMeant(error, wanted));
      },
      raisesMatching: pattern => {
        const form = formOf(pattern, "raisesMatching");
        return raising("raisesMatching", "raise an error that matches", patternText(pattern), error => form.test(error.message));
      },
      wasCalled: times => {
        const count = doubleFor("wasCalled").calls.length;
        const wanted = times === undefined ? undefined : `${expectNumber(times, "wasCalled", 0)} times`;
        return check(times === undefined ? count > 0 : count === times, "have been called", wanted, `a mock that was called ${count} times`);
      },
      wasCalledWith: (...args) => {
        const { calls } = doubleFor("wasCalledWith");
        return check(calls.some(each => same(each, args)), "have been called with", show(args), show(calls));
      },
      lastCalledWith: (...args) => {
        const last = doubleFor("lastCalledWith").calls.at(-1), got = last === undefined ? "a mock that was never called" : show(last);
        return check(last !== undefined && same(last, args), "be the last call's arguments:", show(args), got);
      },
      matchesSnapshot: name => track(later(placedAt(), async () => {
        const found = await call('"_testing","snapshot"', name === undefined ? [value] : [value, name]);
        return [found.ok, "match the snapshot", found.expected, found.got];
      })),
    };
    const { equals: deepEquals, raises: error, raisesMatching: errorMatches } = methods;
    freeze(Object.assign(own, methods, { deepEquals, error, errorMatches }));
    return made;
  }

  return { expect: value => expectation(value, false), fail };
})()
