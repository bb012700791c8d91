// A thrown value as the fields of an error.

(() => {
  const namedErrors = new Set(
    [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, InternalError, DOMException]
      .map(type => type.prototype).concat(NativeRange, NativeInternal));

  // Returns the fields of a thrown value as the wire wants them; never throws.
  function describe(thrown, depth = 0) {
    if (typeof thrown === "string") return withPlace({ kind: "runtime", message: thrown.toWellFormed() }, thrown);
    const isObject = typeof thrown === "object" && thrown !== null || typeof thrown === "function";
    let message = isObject ? textOf(thrown, "message") : undefined;
    if (message === undefined) 
      return withData(withPlace({ kind: "runtime", message: "the spell threw a value that is no error" }, thrown), thrown, depth);
    const missing = protoOf(thrown) === ReferenceError.prototype ? lazy("missing").global(message) : "";
    if (namedErrors.has(protoOf(thrown))) message = `${textOf(thrown, "name") ?? "Error"}: ${message}`;
    message += missing;
    // What a call of a bridge answers is a promise, which has neither the methods nor the items of what it promises.
    if (message === "TypeError: value is not iterable") message += "; an `await` may be missing before a call";
    else if (message === "TypeError: not a function" && isError(thrown)) message = `TypeError: ${lazy("called").called(thrown)}`;
    else if (isError(thrown)) message += emptyIn(thrown, message);
    const fields = { kind: textOf(thrown, "kind") ?? "runtime", message };
    withPlace(fields, thrown);
    const cause = read(thrown, "cause");
    if (cause != null && depth < 20) fields.cause = describe(cause, depth + 1);
    return withData(fields, read(thrown, "data") ?? read(thrown, "errors"), depth);
  }

  // Returns what is nothing, where a field was read of it.
  function emptyIn(error, message) {
    const [, name, what] = /^TypeError: cannot read property '(.+)' of (undefined|null)$/.exec(message) ?? [];
    const owner = name === undefined ? undefined : lazy("called").readOf(error, name);
    return owner === undefined || owner === what ? "" : `: ${owner} is ${what}`;
  }

  function withPlace(fields, thrown) {
    if (!isError(thrown) && lastThrow !== undefined && Object.is(thrown, lastThrown)) thrown = lastThrow;
    for (const key of ["file", "traceback"]) {
      const text = textOf(thrown, key);
      if (text !== undefined) fields[key] = text;
    }
    const line = read(thrown, "line");
    if (typeof line === "number" && line === line >>> 0) fields.line = line;
    return fields;
  }

  function withData(fields, data, depth) {
    if (data == null) return fields;
    try {
      fields.data = lower(data, "$", Math.min(depth, MAX_DEPTH), []);
    } catch (problem) {
      notice(problem);
      fields.message += ` (its data cannot cross: ${textOf(problem, "message") ?? "it does not convert"})`;
    }
    return fields;
  }

  return describe;
})()
