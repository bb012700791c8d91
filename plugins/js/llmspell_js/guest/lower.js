// Script values as what JSON has a form for, with tags where it has none; what may not cross is named by its place.

(() => {
  const INT_MIN = -(2n ** 63n), INT_MAX = 2n ** 63n - 1n;

  function refuse(path, problem) {
    throw new SpellError(`${path}: ${problem}`, { kind: "conversion" });
  }

  // Returns a value that JSON has a form for, tags where needed; names the place of what may not cross.
  function lower(value, path, depth, above) {
    switch (typeof value) {
      case "boolean": return value;
      case "undefined": return null;
      case "number": return lowerNumber(value);
      case "string": return lowerText(value, path);
      case "bigint": return lowerBigInt(value, path);
      case "function": return { $: ["function", functionId(value)] };
      case "symbol": return refuse(path, "a symbol cannot cross; pass text");
    }
    if (value === null) return null;
    const id = handleIds.get(value);
    if (id !== undefined) return { $: ["handle", id] };
    if (hostObjects.has(value)) refuse(path, "a bridge cannot cross; call its methods");
    if (guestObjects.has(value)) refuse(path, `a ${guestObjects.get(value)} cannot cross the border`);
    if (isError(value)) return { $: ["error", describe(value, depth + 1)] };
    const bytes = bytesOf(value);
    if (bytes) return { $: ["bytes", toBase64(bytes)] };
    const toJSON = value.toJSON;
    if (typeof toJSON === "function") return lowerOwnForm(value, toJSON, path, depth, above);
    if (depth >= MAX_DEPTH) refuse(path, `nested deeper than ${MAX_DEPTH} levels, or a cycle`);
    if (above.includes(value)) refuse(path, "a cycle; break it, or pass ids instead");
    above.push(value);
    const made = lowerObject(value, path, depth + 1, above);
    above.pop();
    return made;
  }

  function lowerNumber(value) {
    if (value - value !== 0) return { $: ["float", value !== value ? "nan" : value > 0 ? "inf" : "-inf"] };
    if (value === 0 && 1 / value < 0) return { $: ["float", "-0.0"] };
    if (value > SAFE || value < -SAFE) return { $: ["float", String(value)] };
    return value;
  }

  function lowerText(value, path) {
    return value.isWellFormed() ? value : refuse(path, "the text has a lone surrogate, which is no Unicode character");
  }

  function lowerBigInt(value, path) {
    if (value < INT_MIN || value > INT_MAX) refuse(path, "the integer does not fit into 64 bits; pass it as text");
    return { $: ["int", String(value)] };
  }

  function lowerOwnForm(value, toJSON, path, depth, above) {
    if (depth >= MAX_DEPTH) refuse(path, `nested deeper than ${MAX_DEPTH} levels, or a cycle`);
    if (brand(value) === "Promise") refuse(path, "a promise cannot cross; await it first");
    const own = apply(toJSON, value, [""]);
    return own === value ? lowerObject(value, path, depth + 1, above) : lower(own, path, depth + 1, above);
  }

  function lowerObject(value, path, depth, above) {
    if (isArray(value)) return lowerList(value, path, depth, above);
    const kind = brand(value);
    if (kind === "Set") return lowerList([...apply(setValues, value, [])], path, depth, above);
    if (kind === "Map") return lowerMap([...apply(mapEntries, value, [])], path, depth, above);
    if (kind === "Number" || kind === "String" || kind === "Boolean") return lower(unbox(kind, value), path, depth, above);
    if (kind !== "") refuse(path, `a ${kind} cannot cross`);
    const made = [];
    for (const key of keysOf(value)) {
      const item = value[key];
      if (item !== undefined) made.push([key, item]);
    }
    return lowerMap(made, path, depth, above);
  }

  function lowerList(list, path, depth, above) {
    const made = [], count = list.length;
    for (let i = 0; i < count; i++) made.push(lower(list[i], `${path}[${i}]`, depth, above));
    return made;
  }

  function lowerMap(entries, path, depth, above) {
    const made = { __proto__: null };
    for (const [key, value] of entries) {
      if (typeof key !== "string") refuse(path, `a map's key must be text, not ${typeof key}`);
      made[lowerText(key, path)] = lower(value, pathOf(path, key), depth, above);
    }
    return "$" in made ? { $: ["map", entriesOf(made)] } : made;
  }

  const pathOf = (path, key) => (/^[A-Za-z_\x80-\uffff][\w\x80-\uffff]*$/.test(key) ? `${path}.${key}` : `${path}[${stringify(key)}]`);

  return { lower, refuse, pathOf };
})()
