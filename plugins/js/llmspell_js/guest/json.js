// JSON text of script values and back, integers kept exactly.

(() => {
  const { refuse, pathOf } = lazy("lower");
  const integer = /^-?\d+$/;

  // Returns the value of JSON text; integers of 64 bits that a number cannot hold become BigInt.
  function decode(text) {
    if (typeof text !== "string") refuseAs("argument", `json.decode takes a string, not ${text == null ? "nothing" : bytesOf(text) ? "bytes" : typeof text === "object" ? "an object" : `a ${typeof text}`}`);
    if (!text.isWellFormed()) refuseAs("conversion", "the JSON text has a lone surrogate, which is no character");
    try {
      return parse(text, HALF.test(text) ? checked : exactly);
    } catch (error) {
      if (caught(error) instanceof SyntaxError) refuseAs("syntax", `not JSON: ${error.message}`);
      throw error;
    }
  }

  const HALF = /\\u[dD][89a-fA-F]/;     // an escape of half a character, which may have its other half or not

  const exactly = (key, value, context) =>
    (typeof value === "number" && (value > SAFE || value < -SAFE) && integer.test(context.source) ? whole(value, context.source) : value);

  function checked(key, value, context) {
    if (!key.isWellFormed() || typeof value === "string" && !value.isWellFormed()) refuseAs("syntax", "not JSON: an escape of half a character");
    return exactly(key, value, context);
  }

  function refuseAs(kind, message) {
    throw new SpellError(message, { kind });
  }

  function whole(value, digits) {
    const exact = BigInt(digits);
    return BigInt.asIntN(64, exact) === exact ? exact : value;
  }

  // Returns JSON text; `pretty` is true or a number of blanks.
  function encode(value, options) {
    const { pretty } = lazy("promise").optionsOf(options, "json.encode", ["pretty"]);
    return stringify(jsonForm(lower(value, "$", 0, []), "$"), undefined, typeof pretty === "number" ? pretty : pretty && 2);
  }

  function jsonForm(value, path) {
    if (typeof value !== "object" || value === null) return value;
    if (isArray(value)) return value.map((item, i) => jsonForm(item, `${path}[${i}]`));
    if (hasOwn(value, "$")) return untagged(value.$, path);
    const made = { __proto__: null };
    for (const key of keysOf(value)) made[key] = jsonForm(value[key], pathOf(path, key));
    return made;
  }

  const TAGS = { __proto__: null, bytes: "bytes", error: "an error" };

  function untagged([tag, content], path) {
    if (tag === "map") return jsonMap(content, path);
    if (tag === "int") return JSON.rawJSON(content);
    if (tag === "float" && content === "-0.0") return JSON.rawJSON("-0.0");
    if (tag === "float" && Number.isFinite(Number(content))) return JSON.rawJSON(Number(content).toExponential());
    return refuse(path, `JSON has no form for ${tag === "float" ? content : TAGS[tag] ?? `a ${tag}`}`);
  }

  function jsonMap(entries, path) {
    const made = { __proto__: null };
    for (const [key, item] of entries) made[key] = jsonForm(item, pathOf(path, key));
    return made;
  }

  return { json: { encode, decode } };
})()
