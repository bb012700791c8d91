// Calling again what failed, and no more what fails too often.

(() => {
  const { refuse, expectText, expectFunction, expectNumber } = lazy("library/shapes"), { optionsOf } = lazy("promise");
  const { matcher, isFatal } = lazy("library/categories");
  const STRATEGIES = {
    __proto__: null,
    exponential: (delay, attempt) => delay * 2 ** (attempt - 1),
    linear: (delay, attempt) => delay * attempt,
    constant: delay => delay,
  };
  const number = (value, name, otherwise, least) => (value == null ? otherwise : expectNumber(value, name, least));

  function planOf(given) {
    const options = optionsOf(given, "retry", ["attempts", "strategy", "delay", "maxDelay", "jitter", "retryOn"]), { strategy = "exponential", jitter, retryOn } = options;
    if (STRATEGIES[expectText(strategy, "retry: strategy")] === undefined) refuse(`retry: the strategy is exponential, linear or constant, not ${strategy}`);
    return {
      attempts: number(options.attempts, "attempts", 3, 1),
      wait: STRATEGIES[strategy],
      delay: number(options.delay, "delay", 1, 0),
      most: number(options.maxDelay, "maxDelay", 60, 0),
      jitter: Math.min(jitter === true ? 1 : number(jitter || undefined, "jitter", 0, 0), 1),
      retries: retryOn == null ? error => !isFatal(error) : matcher(retryOn, "retry: retryOn"),
    };
  }

  function secondsOf(plan, attempt) {
    const seconds = Math.min(plan.wait(plan.delay, attempt), plan.most);
    return plan.jitter > 0 ? seconds * (1 - plan.jitter * random()) : seconds;
  }

  // Calls `fn(attempt)` until it succeeds or may not be tried again, with waits between.
  const retry = attempt => async (fn, options) => {
    expectFunction(fn, "retry");
    const plan = planOf(options), mine = scope;
    for (let made = 1; ; made++) {
      const [ok, outcome] = await attempt(mine, fn, made);
      if (ok) return outcome;
      enterScope(mine);
      if (made >= plan.attempts || !await plan.retries(outcome)) throw outcome;
      enterScope(mine);
      const seconds = secondsOf(plan, made);
      if (seconds > 0) await call(SLEEP, [seconds]);
    }
  };

  // Returns a function that calls `fn`, but for so many seconds after so many failures on end, which it refuses at once.
  const circuitBreaker = attempt => (fn, given) => {
    expectFunction(fn, "circuitBreaker");
    const options = optionsOf(given, "circuitBreaker", ["threshold", "reset"]);
    const threshold = number(options.threshold, "threshold", 5, 1), reset = number(options.reset, "reset", 30, 0);
    let failures = 0, opened, trying = false;
    const run = async args => {
      const left = opened === undefined ? undefined : opened + reset - now;
      if (left !== undefined && (left > 0 || trying)) {
        const message = `the circuit is open after ${failures} failures; it is tried again in ${left} seconds`;
        throw new SpellError(message, { kind: "circuit_open", data: { failures, retry_after: left } });
      }
      trying = opened !== undefined;
      const [ok, outcome] = await attempt(scope, fn, ...args);
      trying = false;
      failures = ok ? 0 : failures + 1;
      if (ok) opened = undefined;
      else if (failures >= threshold) opened = now;
      if (!ok) throw outcome;
      return outcome;
    };
    return (...args) => track(run(args));
  };

  return { retry, circuitBreaker };
})()
