// What a value is to the spell writer's library, and the refusal of what it cannot take.

(() => {
  const DEPTH = 100;
  const refuse = message => {
    throw new SpellError(message, { kind: "argument" });
  };
  const refuseDepth = name => {
    throw new SpellError(`${name}: nested deeper than ${DEPTH} levels, or a cycle`, { kind: "conversion" });
  };

  // Tells objects of the spell's own from what stands for something else: bridges, handles, promises, errors, bytes.
  function isMap(value) {
    return typeof value === "object" && value !== null && !isArray(value) && !hostObjects.has(value) && !guestObjects.has(value) && !isError(value) && brand(value) === ""
      && !(value instanceof NativeDate || value instanceof ArrayBuffer);
  }

  const isPlain = value => isArray(value) || isMap(value);

  function nameOf(value) {
    if (value == null) return "nothing";
    if (isArray(value)) return "a list";
    if (typeof value !== "object") return `a ${typeof value}`;
    return isMap(value) ? "a map" : hostObjects.has(value) ? "a bridge or handle" : bytesOf(value) ? "bytes" : isError(value) ? "an error" : isPromise(value) ? "a promise; await it first" : `a ${guestObjects.get(value) ?? (brand(value) || "date or buffer")}`;
  }

  function expect(holds, name, wanted, value) {
    if (!holds) refuse(`${name} takes ${wanted}, not ${nameOf(value)}`);
    return value;
  }

  const expectText = (value, name) => expect(typeof value === "string", name, "a string", value);
  const expectList = (value, name) => expect(isArray(value), name, "a list", value);
  const expectFunction = (value, name) => expect(typeof value === "function", name, "a function", value);

  function expectNumber(value, name, least) {
    if (!(typeof value === "number" && value >= least)) refuse(`${name} takes a number of ${least} or more, not ${typeof value === "number" ? value : nameOf(value)}`);
    return value;
  }

  function expectWhole(value, name, least) {
    if (expectNumber(value, name, least) % 1 !== 0) refuse(`${name} takes a whole number, not ${value}`);
    return value;
  }

  function isPromise(value) {
    try {
      return value instanceof NativePromise;
    } catch {
      return false;
    }
  }

  // Returns the results of calling `fn(item, index)` for each item, one after the other; a promise where one is.
  function collect(list, fn) {
    const results = [], count = list.length;
    for (let i = 0; i < count; i++) {
      const result = fn(list[i], i);
      if (isPromise(result)) return track(collectLater(list, count, fn, results, result));
      results[i] = result;
    }
    return results;
  }

  async function collectLater(list, count, fn, results, waiting) {
    const mine = scope;
    results.push(await waiting);
    while (results.length < count) {
      enterScope(mine);
      results.push(await fn(list[results.length], results.length));
    }
    return results;
  }

  const after = (value, done) => (isPromise(value) ? track(apply(nativeThen, value, [done])) : done(value));

  function define(object, key, value) {
    defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  }

  function copied(value, seen, depth) {
    if (typeof value !== "object" || value === null) return value;
    if (!isPlain(value)) return copiedOther(value);
    const known = seen.get(value);
    if (known !== undefined) return known;
    if (depth === 0) refuseDepth("deepCopy");
    const made = isArray(value) ? [] : setPrototypeOf({}, getPrototypeOf(value));
    seen.set(value, made);
    for (const key of keysOf(value)) define(made, key, copied(value[key], seen, depth - 1));
    return made;
  }

  function copiedOther(value) {
    const kind = brand(value);
    const copies = kind === "Map" || kind === "Set" || kind === "typed array" || value instanceof NativeDate || value instanceof ArrayBuffer;
    return copies ? lazy("clone").structuredClone(value) : value;
  }

  // Returns a copy of all that is in a value, cycles and shared parts as they are there.
  const deepCopy = value => copied(value, new Map(), DEPTH);

  return { DEPTH, refuse, refuseDepth, isMap, isPlain, isPromise, nameOf, expect, expectText, expectList, expectFunction, expectNumber, expectWhole, collect, after, define, deepCopy };
})()
