// structuredClone: a deep copy that keeps cycles and shared parts.

(() => {
  const refuseClone = what => {
    throw new DOMException(`${what} could not be cloned`, "DataCloneError");
  };
  const ERRORS = new Map([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(type => [type.prototype, type]));

  function structuredClone(value, options) {
    if (arguments.length === 0) throw new TypeError("structuredClone: 1 argument required, but only 0 present");
    const seen = new Map(), moved = options?.transfer ?? [];
    for (const buffer of moved) {
      if (!(buffer instanceof ArrayBuffer)) refuseClone("an object in the transfer list");
      seen.set(buffer, ArrayBuffer.prototype.transfer.call(buffer));
    }
    return copy(value, seen);
  }

  function copy(value, seen) {
    if (typeof value === "function") refuseClone(value.name === "" ? "a function" : `the function ${String(value.name)}`);
    if (typeof value === "symbol") refuseClone(String(value));
    if (typeof value !== "object" || value === null) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    if (hostObjects.has(value)) refuseClone("a bridge or handle");
    if (isError(value)) return copyError(value, seen);
    if (isArray(value)) return copyFields(value, keep(seen, value, new Array(value.length)), seen);
    if (value instanceof NativeDate) return keep(seen, value, new NativeDate(NativeDate.prototype.getTime.call(value)));
    if (value instanceof ArrayBuffer) return keep(seen, value, ArrayBuffer.prototype.slice.call(value, 0));
    if (ArrayBuffer.isView(value)) return copyView(value, seen);
    const kind = brand(value);
    switch (kind) {
      case "": return copyFields(value, keep(seen, value, {}), seen);
      case "Map": return copyMap(value, seen);
      case "Set": return copySet(value, seen);
      case "RegExp": return keep(seen, value, new RegExp(value.source, value.flags));
      case "Number": case "String": case "Boolean": return keep(seen, value, Object(unbox(kind, value)));
      case "BigInt": return keep(seen, value, Object(BigInt.prototype.valueOf.call(value)));
      default: return refuseClone(`a ${kind}`);
    }
  }

  function keep(seen, value, made) {
    seen.set(value, made);
    return made;
  }

  function copyFields(from, to, seen) {
    for (const key of keysOf(from))
      defineProperty(to, key, { value: copy(from[key], seen), writable: true, enumerable: true, configurable: true });
    return to;
  }

  function copyMap(from, seen) {
    const to = keep(seen, from, new Map());
    for (const [key, item] of [...apply(mapEntries, from, [])]) to.set(copy(key, seen), copy(item, seen));
    return to;
  }

  function copySet(from, seen) {
    const to = keep(seen, from, new Set());
    for (const item of [...apply(setValues, from, [])]) to.add(copy(item, seen));
    return to;
  }

  function copyView(value, seen) {
    const buffer = copy(value.buffer, seen), tag = apply(arrayTagOf, value, []);
    if (tag === undefined) return keep(seen, value, new DataView(buffer, value.byteOffset, value.byteLength));
    return keep(seen, value, new globalThis[tag](buffer, value.byteOffset, value.length));
  }

  function copyError(error, seen) {
    let type = NativeError;
    for (let proto = getPrototypeOf(error); proto !== null; proto = getPrototypeOf(proto))
      if (ERRORS.has(proto)) {
        type = ERRORS.get(proto);
        break;
      }
    const made = keep(seen, error, error instanceof SpellError ? new SpellError(error.message) : new type(error.message));
    const own = error instanceof SpellError ? ["kind", "data", "cause", "file", "line", "traceback", "stack"] : ["cause", "stack"];
    for (const key of own) if (hasOwn(error, key) || key === "stack") setOwn(made, key, copy(error[key], seen));
    return made;
  }

  return { structuredClone };
})()
