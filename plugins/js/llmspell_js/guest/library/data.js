// The guest's part of the module `data`: lists worked on by functions, which may be asynchronous; values as wholes.

(() => {
  const shapes = lazy("library/shapes"), paths = lazy("library/paths");
  const { DEPTH, refuse, refuseDepth, expect, expectList, expectFunction, expectNumber, expectWhole, isMap, isPlain, isPromise, nameOf, collect, after, define, deepCopy } = shapes;

  // Returns the function that a place in an item, or a function, stands for.
  function reader(by, name) {
    if (typeof by === "string") return item => paths.get(item, by);
    return expect(typeof by === "function", name, "a function or a path", by);
  }

  const orNull = value => (value === undefined ? null : value);
  const map = (list, fn) => after(collect(expectList(list, "map"), expectFunction(fn, "map")), results => results.map(orNull));

  function filter(list, by) {
    expectList(list, "filter");
    const items = [...list];
    return after(collect(items, reader(by, "filter")), kept => items.filter((_, i) => kept[i] != null && kept[i] !== false));
  }

  // Returns what is left when `fn(soFar, item, index)` has been called for every item.
  function reduce(list, fn, ...initial) {
    expectList(list, "reduce");
    expectFunction(fn, "reduce");
    if (initial.length === 0 && list.length === 0) refuse("reduce of an empty list needs a value to begin with");
    const count = list.length;
    let soFar = initial.length === 0 ? list[0] : initial[0];
    for (let i = initial.length === 0 ? 1 : 0; i < count; i++) {
      soFar = fn(soFar, list[i], i);
      if (isPromise(soFar)) return track(reduceLater(list, count, fn, soFar, i + 1));
    }
    return soFar;
  }

  async function reduceLater(list, count, fn, waiting, from) {
    const mine = scope;
    let soFar = await waiting;
    for (let i = from; i < count; i++) {
      enterScope(mine);
      soFar = await fn(soFar, list[i], i);
    }
    return soFar;
  }

  function groupName(key) {
    if (typeof key === "string") return key;
    if (key == null) return "null";
    if (typeof key === "number" || typeof key === "bigint" || typeof key === "boolean") return String(key);
    return refuse(`groupBy groups by text, numbers and booleans, not by ${nameOf(key)}`);
  }

  function groupBy(list, by) {
    const items = [...expectList(list, "groupBy")];
    return after(collect(items, reader(by, "groupBy")), keys => {
      const groups = {};
      items.forEach((item, i) => {
        const name = groupName(keys[i]);
        if (!hasOwn(groups, name)) define(groups, name, []);
        groups[name].push(item);
      });
      return groups;
    });
  }

  const RANKS = { __proto__: null, number: 1, bigint: 1, string: 3, boolean: 4 };

  function rankOf(key) {
    if (key == null) return 5;
    if (Number.isNaN(key)) return 2;
    return RANKS[typeof key] ?? refuse(`sortBy sorts by numbers, text and booleans, not by ${nameOf(key)}`);
  }

  // Returns the items in order; equal ones stay as they are, and what has no key comes last.
  function sortBy(list, by, options) {
    const items = [...expectList(list, "sortBy")], down = Boolean(lazy("promise").optionsOf(options, "sortBy", ["descending"]).descending);
    return after(collect(items, reader(by, "sortBy")), keys => {
      const ranks = keys.map(rankOf);
      const compare = (i, j) => {
        if (ranks[i] !== ranks[j]) return ranks[i] === 5 || ranks[j] === 5 || !down ? ranks[i] - ranks[j] : ranks[j] - ranks[i];
        if (ranks[i] === 2 || ranks[i] === 5 || keys[i] == keys[j]) return i - j;
        return keys[i] < keys[j] === down ? 1 : -1;
      };
      return items.map((_, i) => i).sort(compare).map(i => items[i]);
    });
  }

  const pluck = (list, path) => expectList(list, "pluck").map(item => orNull(paths.get(item, path)));

  function chunk(list, size) {
    expectList(list, "chunk");
    expectWhole(size, "chunk", 1);
    const chunks = [];
    for (let i = 0; i < list.length; i += size) chunks.push(list.slice(i, i + size));
    return chunks;
  }

  // Returns a list of lists: the first items of all, the second ones, as far as the shortest goes.
  function zip(...lists) {
    let length = Infinity;
    for (const list of lists) length = Math.min(length, expectList(list, "zip").length);
    return lists.length === 0 ? [] : Array.from({ length }, (_, i) => lists.map(list => list[i]));
  }

  function flattenInto(made, list, depth, level) {
    if (level > DEPTH) refuseDepth("flatten");
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      if (depth > 0 && isArray(item)) flattenInto(made, item, depth - 1, level + 1);
      else made.push(item);
    }
    return made;
  }

  // Returns the items of the lists in a list, so many levels deep; one when it is left out.
  const flatten = (list, depth = 1) => flattenInto([], expectList(list, "flatten"), expectNumber(depth, "flatten", 0), 1);

  // Values as wholes ---------------------------------------------------------------------------------------------

  const isNumber = value => typeof value === "number" || typeof value === "bigint";
  const alike = (a, b) => isPlain(a) && isPlain(b) && isArray(a) === isArray(b);

  function sameBytes(a, b) {
    const left = bytesOf(a), right = bytesOf(b);
    return left !== undefined && right !== undefined && left.length === right.length && left.every((byte, i) => byte === right[i]);
  }

  function sameLeaf(a, b) {
    if (a == null || b == null) return a == null && b == null;
    if (Object.is(a, b) || isNumber(a) && isNumber(b) && a == b) return true;
    if (typeof a !== "object" || typeof b !== "object") return false;
    return a instanceof NativeDate && b instanceof NativeDate ? +a === +b : sameBytes(a, b);
  }

  function equal(a, b, depth) {
    if (!alike(a, b)) return sameLeaf(a, b);
    if (a === b) return true;
    if (depth === 0) refuseDepth("equals");
    if (isArray(a) && a.length !== b.length) return false;
    for (const key of keysOf(a)) if (!equal(a[key], hasOwn(b, key) ? b[key] : undefined, depth - 1)) return false;
    for (const key of keysOf(b)) if (!hasOwn(a, key) && b[key] != null) return false;
    return true;
  }

  // Tells whether two values have the same content; numbers count by their worth, null and nothing are the same.
  const equals = (a, b) => equal(a, b, DEPTH);

  function note(changes, path, before, after) {
    const change = before === undefined ? "added" : after === undefined ? "removed" : "changed";
    changes.push(change === "added" ? { path, change, after } : change === "removed" ? { path, change, before } : { path, change, before, after });
  }

  function compare(a, b, path, changes, depth) {
    if (Object.is(a, b)) return;
    if (!alike(a, b)) {
      if (a === undefined || b === undefined || !sameLeaf(a, b)) note(changes, path, a, b);
      return;
    }
    if (depth === 0) refuseDepth("diff");
    if (isArray(a)) {
      for (let i = 0; i < Math.max(a.length, b.length); i++) compare(a[i], b[i], `${path}[${i}]`, changes, depth - 1);
      return;
    }
    for (const key of [...new Set([...keysOf(a), ...keysOf(b)])].sort())
      compare(hasOwn(a, key) ? a[key] : undefined, hasOwn(b, key) ? b[key] : undefined, paths.shown(path, key), changes, depth - 1);
  }

  // Returns where the second differs from the first: a list of `{path, change, before, after}`.
  function diff(a, b) {
    const changes = [];
    compare(a, b, "$", changes, DEPTH);
    return changes;
  }

  function merged(under, over, depth) {
    if (!(isMap(under) && isMap(over))) return deepCopy(over);
    if (depth === 0) refuseDepth("merge");
    const made = {};
    for (const key of keysOf(under)) define(made, key, hasOwn(over, key) && over[key] !== undefined ? merged(under[key], over[key], depth - 1) : deepCopy(under[key]));
    for (const key of keysOf(over)) if (!hasOwn(made, key) && over[key] !== undefined) define(made, key, merged(undefined, over[key], depth - 1));
    return made;
  }

  // Returns a new map of several: maps in them are merged too, of anything else the last one counts.
  const merge = (...maps) => maps.reduce((made, over) => merged(made, expect(isMap(over), "merge", "maps", over), DEPTH), {});

  const data = {
    map, filter, reduce, groupBy, sortBy, pluck, chunk, zip, flatten,
    clone: deepCopy, merge, equals, diff, getPath: paths.get, setPath: paths.set,
  };
  return { data };
})()
