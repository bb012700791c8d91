// JSON text of script values and back, integers kept exactly.

(() => {
  const { refuse, pathOf } = lazy("lower");
  const integer = /^-?\d+$/;

  // Returns the value of JSON text; integers of 64 bits that a number cannot hold become BigInt.
  function decode(text) {
    if (typeof text !== "string") throw new TypeError(`json.decode: the text must be a string, not ${typeof text}`);
    return parse(text, (key, value, context) =>
      (typeof value === "number" && (value > SAFE || value < -SAFE) && integer.test(context.source) ? whole(value, context.source) : value));
  }

  function whole(value, digits) {
    const exact = BigInt(digits);
    return BigInt.asIntN(64, exact) === exact ? exact : value;
  }

  // Returns JSON text; `pretty` is true or a number of blanks.
  function encode(value, options) {
    const { pretty = false } = options ?? {};
    return stringify(jsonForm(lower(value, "$", 0, []), "$"), undefined, pretty === true ? 2 : pretty || undefined);
  }

  function jsonForm(value, path) {
    if (typeof value !== "object" || value === null) return value;
    if (isArray(value)) return value.map((item, i) => jsonForm(item, `${path}[${i}]`));
    if (hasOwn(value, "$")) return untagged(value.$, path);
    const made = { __proto__: null };
    for (const key of keysOf(value)) made[key] = jsonForm(value[key], pathOf(path, key));
    return made;
  }

  function untagged([tag, content], path) {
    if (tag === "map") return jsonMap(content, path);
    if (tag === "int") return JSON.rawJSON(content);
    if (tag === "float" && content === "-0.0") return JSON.rawJSON("-0.0");
    if (tag === "float" && Number.isFinite(Number(content))) return JSON.rawJSON(Number(content).toExponential());
    return refuse(path, `JSON has no form for ${tag === "float" ? content : `a ${tag}`}`);
  }

  function jsonMap(entries, path) {
    const made = { __proto__: null };
    for (const [key, item] of entries) made[key] = jsonForm(item, pathOf(path, key));
    return made;
  }

  return { json: { encode, decode } };
})()
