// Script values as JSON text, out and in.

const SAFE = Number.MAX_SAFE_INTEGER, MAX_DEPTH = 100;
const ODD = { odd: true };            // thrown by the fast way out when it meets what JSON has no form for
const handleIds = new WeakMap(), hostObjects = new WeakSet();
const guestObjects = new WeakMap();   // what the guest made that is no value, and what it is called
let chain = [];                       // lists and maps that enclose the value being written
let depth = 0, deepest = 0;
const JSON_KINDS = { __proto__: null, string: 0, boolean: 0, undefined: 0, number: 1, object: 2 };

// Returns the value as JSON text, and what is in it as it is now.
function encode(value) {
  return quickly(value, MAX_DEPTH) ?? stringify(lower(value, "$", 0, []));
}

// Returns a call's arguments as JSON text, trailing nils left out.
function encodeArgs(args) {
  let count = args.length;
  while (count > 0 && args[count - 1] == null) count--;
  args.length = count;
  if (count === 0) return "[]";
  const text = quickly(args, MAX_DEPTH + 1);
  if (text !== undefined) return text;
  const made = [];
  for (let i = 0; i < count; i++) made[i] = lower(args[i], "$", 0, []);
  return stringify(made);
}

// Returns the text of a value that is JSON as it stands, else undefined: the careful way says what is wrong.
function quickly(value, levels) {
  const outer = [chain, depth, deepest];
  [chain, depth, deepest] = [[], 0, levels];
  try {
    const text = stringify(value, plain);
    return text !== undefined && text.indexOf("\\ud") < 0 ? text : undefined;
  } catch {
    return undefined;
  } finally {
    [chain, depth, deepest] = outer;
  }
}

// A replacer that lets through what is JSON as it stands, and gives up on anything else.
function plain(key, value) {
  if (key === "$") throw ODD;
  switch (JSON_KINDS[typeof value]) {
    case 0: return value;
    case 1:
      if (value > 0 && value < SAFE) return value;
      if (value - value !== 0 || value > SAFE || value < -SAFE || value === 0 && 1 / value < 0) throw ODD;
      return value;
    case 2: {
      if (value === null) return value;
      const proto = getPrototypeOf(value);
      if (proto !== ObjectPrototype && !isArray(value) && proto !== null) throw ODD;
      if (chain[depth - 2] === this) chain[depth - 1] = value;
      else nest(this, value);
      return value;
    }
    default: throw ODD;
  }
}

// Puts the value on the chain, below what holds it.
function nest(holder, value) {
  while (depth > 0 && chain[depth - 1] !== holder) depth--;
  if (depth >= deepest) throw ODD;
  chain[depth++] = value;
}

// The careful way: kept apart, for most spells never need it.
const lower = (value, path, level, above) => lazy("lower").lower(value, path, level, above);

// Returns the value with its tags turned into what they stand for.
function raise(value) {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (typeof item === "object" && item !== null) value[i] = raise(item);
    }
    return value;
  }
  if (hasOwn(value, "$")) return lazy("tags")[value.$[0]](value.$);
  for (const key of keysOf(value)) {
    const item = value[key];
    if (typeof item === "object" && item !== null) value[key] = raise(item);
  }
  return value;
}
