// Cancellation tokens: what many tasks and calls are stopped by.

(() => {
  const { promise, checkFunction } = lazy("promise"), { stopPromise, refusers } = lazy("stopping");

  class Token {
    #cancelled = false;
    #reason = undefined;
    #watched = new Set();
    #listeners = [];

    #problem() {
      const reason = this.#reason;
      const isText = typeof reason === "string";
      return new SpellError(isText ? reason : "cancelled", { kind: "cancelled", data: isText ? undefined : reason });
    }

    // Stops what the token stops, and then tells those that want to know; a second call does nothing.
    cancel(reason) {
      if (this.#cancelled) return;
      this.#cancelled = true;
      this.#reason = reason;
      const watched = [...this.#watched], listeners = this.#listeners;
      this.#watched.clear();
      this.#listeners = [];
      for (const each of watched) stopPromise(each, this.#problem());
      for (const listener of listeners) promise.spawn(listener, reason);
    }

    cancelled() { return this.#cancelled; }

    onCancel(fn) {
      checkFunction(fn, "token.onCancel");
      if (this.#cancelled) promise.spawn(fn, this.#reason);
      else this.#listeners.push(fn);
    }

    // Returns a promise of the same that is rejected once the token is cancelled: what it waits for is stopped then.
    watch(value) {
      const inner = promise.resolve(value), made = withResolvers();
      const end = settle => result => {
        this.#watched.delete(made.promise);
        settle(result);
      };
      apply(nativeThen, inner, [end(made.resolve), end(made.reject)]);
      refusers.set(made.promise, made.reject);
      partsOf.set(made.promise, [inner]);
      track(made.promise);
      if (this.#cancelled) stopPromise(made.promise, this.#problem());
      else this.#watched.add(made.promise);
      return made.promise;
    }

    // Runs a function as a task that the token stops; where it is cancelled already, nothing runs.
    run(fn, ...args) {
      checkFunction(fn, "token.run");
      if (!this.#cancelled) return this.watch(promise.spawn(fn, ...args));
      return this.watch(new NativePromise(() => {}));
    }
  }
  freeze(Token.prototype);

  function token() {
    const made = freeze(new Token());
    guestObjects.set(made, "cancellation token");
    return made;
  }

  return { token };
})()
