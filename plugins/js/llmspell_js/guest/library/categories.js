// What sort of trouble an error is, and who wants to hear of it.

(() => {
  const { expect, expectText, expectFunction } = lazy("library/shapes");
  const KINDS = {
    __proto__: null,
    timeout: "timeout", cancelled: "cancelled", limit: "limit", budget: "limit", denied: "permission", rate_limited: "rate_limit",
    provider: "provider", network: "network", argument: "validation", conversion: "validation", validation: "validation",
    schema: "validation", parameters: "validation", syntax: "syntax", incomplete: "syntax", deadlock: "deadlock",
  };
  // By category: whether trying again may help, and whether nothing will.
  const RETRYABLE = new Set(["timeout", "rate_limit", "provider", "network"]);
  const FATAL = new Set(["cancelled", "limit", "permission", "syntax", "deadlock"]);
  const own = [];
  let listeners = [];

  // Returns what a list of kinds, one kind or a function says of errors.
  function matcher(wanted, name) {
    if (typeof wanted === "function") return wanted;
    const kinds = typeof wanted === "string" ? [wanted] : expect(isArray(wanted), name, "kinds of errors or a function", wanted);
    for (const kind of kinds) expectText(kind, name);
    const known = new Set(kinds);
    return error => known.has(error.kind) || known.has("*");
  }

  const registeredFor = error => own.findLast(each => each.matches(error));
  const categoryOf = error => registeredFor(error)?.name ?? KINDS[error.kind] ?? "script";
  const holds = (known, field) => thrown => {
    const error = valueOf(thrown);
    return registeredFor(error)?.[field] ?? known.has(categoryOf(error));
  };
  const isRetryable = holds(RETRYABLE, "retryable"), isFatal = holds(FATAL, "fatal");
  const categorize = thrown => categoryOf(valueOf(thrown));

  // Adds a category of errors, before those there are: by their kinds, or a function of the error.
  function registerCategory(name, kinds, options) {
    expectText(name, "registerCategory");
    const { retryable, fatal } = lazy("promise").optionsOf(options, "registerCategory", ["retryable", "fatal"]);
    own.push({ name, matches: matcher(kinds, "registerCategory"), retryable, fatal });
  }

  // Calls `fn(error)` for each error of those kinds that this module catches. Returns a function that ends it.
  function onError(kinds, fn) {
    const listener = { matches: matcher(kinds, "onError"), fn: expectFunction(fn, "onError") };
    listeners = [...listeners, listener];
    return () => { listeners = listeners.filter(each => each !== listener); };
  }

  async function tell(error) {
    const mine = scope;
    for (const { matches, fn } of listeners) {
      enterScope(mine);
      if (matches(error)) await fn(error);
    }
  }

  return { matcher, tell, isFatal, module: { isRetryable, isFatal, categorize, registerCategory, onError } };
})()
