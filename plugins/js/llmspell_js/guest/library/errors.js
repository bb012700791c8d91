// The module `errors`: errors as values, and functions called with something to fall back on.

(() => {
  const { refuse, expect, expectText, expectList, expectFunction, isMap } = lazy("library/shapes");
  const { tell, module } = lazy("library/categories"), { retry, circuitBreaker } = lazy("library/retrying");
  const { promise, begin, checkSeconds, optionsOf } = lazy("promise");

  // Values -------------------------------------------------------------------------------------------------------

  // Returns an error made where the spell calls this module.
  function placed(message, { kind, code, data, cause }) {
    const error = new SpellError(message, { kind, data, cause });
    if (code !== undefined) setOwn(error, "code", code);
    return error;
  }

  function fieldsOf({ kind, code, data, cause }) {
    const named = kind ?? code;
    return { kind: named == null ? undefined : String(named), code, data, cause: cause == null ? undefined : valueOf(cause) };
  }

  // Returns an error to be thrown; `code` becomes its kind where no kind is given.
  const create = (message, options) => placed(expectText(message, "create"), fieldsOf(optionsOf(options, "create", ["kind", "code", "data", "cause"])));

  // Returns what a context says of an error; whatever else it says is data.
  function contextOf(context) {
    if (context == null || typeof context === "string") return { message: context };
    const { message, kind, code, data, cause, ...more } = expect(isMap(context), "wrap", "text or an object", context);
    return { message, kind, code, cause, data: keysOf(more).length === 0 ? data : { ...more, ...isMap(data) ? data : {} } };
  }

  // Returns an error that tells what was being done, with the other as its cause.
  function wrap(thrown, context) {
    const cause = valueOf(thrown), about = contextOf(context), fields = fieldsOf(about), head = about.message;
    return placed(typeof head === "string" ? `${head}: ${cause.message}` : cause.message, { ...fields, kind: fields.kind ?? cause.kind, cause });
  }

  function valuesOf(list, name) {
    if (expectList(list, name).length === 0) refuse(`${name} takes a list of errors, not an empty one`);
    return list.map(valueOf);
  }

  function withCause(error, cause) {
    const made = placed(error.message, { kind: error.kind, code: error.code, data: error.data, cause });
    for (const key of ["file", "line", "traceback"]) if (error[key] !== undefined) setOwn(made, key, error[key]);
    return made;
  }

  // Returns the first error, each with the next as its cause.
  const chain = list => valuesOf(list, "chain").reduceRight((cause, error) => withCause(error, cause));

  // Returns one error for several; its data is the list.
  function aggregate(list) {
    const errors = valuesOf(list, "aggregate"), messages = errors.map(error => error.message);
    return placed(`${errors.length} error${errors.length === 1 ? "" : "s"}: ${messages.join("; ")}`, { kind: "aggregate", data: errors });
  }

  const toMap = error => ({
    kind: error.kind, code: error.code, message: error.message, file: error.file, line: error.line, traceback: error.traceback, data: error.data,
    cause: error.cause == null ? undefined : toMap(valueOf(error.cause)),
  });
  const toJson = thrown => lazy("json").json.encode(toMap(valueOf(thrown)));

  function fromMap(map) {
    if (!isMap(map) || typeof map.message !== "string") refuse("fromJson takes the JSON of an error: an object with a message");
    const told = Object.fromEntries(keysOf(map).filter(key => map[key] !== null).map(key => [key, map[key]]));
    return withCause({ ...told, kind: typeof map.kind === "string" ? map.kind : "runtime" }, told.cause && fromMap(told.cause));
  }

  const fromJson = text => fromMap(lazy("json").json.decode(text));

  // Calling ------------------------------------------------------------------------------------------------------

  // Returns whether a call succeeded, and what came of it: an error that listeners have seen, where it failed.
  async function attempt(mine, fn, ...args) {
    try {
      enterScope(mine);
      return [true, await fn(...args)];
    } catch (thrown) {
      const error = valueOf(caught(thrown, mine));
      await tell(error);
      return [false, error];
    }
  }

  function pass([ok, outcome]) {
    if (!ok) throw outcome;
    return outcome;
  }

  async function tryCall(fn, onCatch, onFinally) {
    for (const [each, isNeeded] of [[fn, true], [onCatch, false], [onFinally, false]]) if (isNeeded || each != null) expectFunction(each, "try");
    const mine = scope;
    let result = await attempt(mine, fn);
    if (!result[0] && onCatch != null) result = await attemptQuietly(mine, onCatch, result[1]);
    enterScope(mine);
    if (onFinally != null) await onFinally();
    return pass(result);
  }

  async function attemptQuietly(mine, fn, ...args) {
    try {
      enterScope(mine);
      return [true, await fn(...args)];
    } catch (thrown) {
      return [false, caught(thrown, mine)];
    }
  }

  async function fallbackTo(fn, instead) {
    const mine = scope, [ok, outcome] = await attempt(mine, fn);
    enterScope(mine);
    return ok ? outcome : instead(outcome);
  }

  function fallback(fn, instead) {
    expectFunction(fn, "fallback");
    return track(fallbackTo(fn, expectFunction(instead, "fallback")));
  }

  const safe = (fn, otherwise) => track(fallbackTo(expectFunction(fn, "safe"), () => otherwise));

  // Returns what `fn` returns; where that takes longer, it is stopped with its calls, and fails with `timeout`.
  function timeout(fn, seconds, ...args) {
    expectFunction(fn, "timeout");
    checkSeconds(seconds, "errors.timeout");
    return promise.timeout(begin(() => fn(...args)), seconds);
  }

  const retryAt = retry(attempt);
  const errors = {
    create, wrap, chain, aggregate, toJson, fromJson, fallback, safe, timeout, ...module,
    try: (...args) => track(tryCall(...args)),
    retry: (...args) => track(retryAt(...args)),
    circuitBreaker: circuitBreaker(attempt),
  };
  return { errors };
})()
