// Stops what a scope holds: tasks and the calls they wait for.

(() => {
  const scopesOf = new WeakMap();     // of the tasks whose outcome a promise is
  const refusers = new WeakMap();     // how to reject a promise of the guest's own

  // Returns a scope inside the present one; a chain of tasks, each started by the last, keeps none that has ended.
  function newScope() {
    while (scope.outer?.ended) scope.outer = scope.outer.outer;
    return { outer: scope, invocation: scope.invocation, ended: false, stopped: null };
  }

  function liesIn(inner, outermost) {
    while (inner !== null && inner !== outermost) inner = inner.outer;
    return inner === outermost;
  }

  function quietly(error) {
    const made = new SpellError(error.message, { kind: error.kind, data: error.data });
    quiet.add(made);
    return made;
  }

  // Ends what waits in a scope, and in all that was started there: none of its code runs again.
  function stopScope(target, error, end = rejectCall) {
    if (target.stopped !== null) return;
    target.stopped = quietly(error);
    for (const [id, waiting] of pending) {
      if (!liesIn(waiting.scope, target)) continue;
      dropCall(id, waiting);
      end(waiting, target.stopped);
    }
  }

  function dropCall(id, waiting) {
    pending.delete(id);
    tell(CANCEL, `[${id}]`);
    open.delete(waiting.promise);
  }

  function rejectCall(waiting, error) {
    if (waiting.promise !== undefined) waiting.reject(error);
  }

  // Stops what a promise waits for: a task with all that it has started, a call, or what it was made of.
  function stopPromise(promise, error) {
    if (typeof promise !== "object" || promise === null) return;
    takeOn(promise);
    refusers.get(promise)?.(error);
    const target = scopesOf.get(promise);
    if (target !== undefined && !target.ended) stopScope(target, error);
    for (const [id, waiting] of pending) if (waiting.promise === promise) {
      dropCall(id, waiting);
      waiting.reject(error);
    }
    for (const part of partsOf.get(promise) ?? []) stopPromise(part, error);
  }

  // Notes that a promise is the outcome of a task that runs in a scope.
  function taskIn(inner, promise) {
    const end = () => { inner.ended = true; };
    scopesOf.set(promise, inner);
    apply(nativeThen, promise, [end, end]);
    return promise;
  }

  // Goes into a scope for the task that the next call begins.
  function openScope() {
    const inner = newScope();
    inner.from = scope;
    scope = inner;
    return inner;
  }

  // Leaves the scope of a task that has begun, whose outcome the value may be.
  function closeScope(inner, value) {
    scope = inner.from;
    inner.from = undefined;
    if (typeof value === "object" && value !== null) try {
      if (value instanceof NativePromise) taskIn(inner, value);
    } catch { /* it only looks like a promise */ }
    return track(value);
  }

  return { newScope, stopScope, stopPromise, taskIn, openScope, closeScope, refusers };
})()
