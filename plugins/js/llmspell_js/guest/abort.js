// Events, and the signals that tell functions to stop.

(() => {
  class Event {
    #stopped = false;
    #prevented = false;

    constructor(type, options) {
      this.type = `${type}`;
      this.cancelable = Boolean(options?.cancelable);
      this.target = this.currentTarget = null;
      this.timeStamp = (now - began) * 1000;
      if (options !== undefined && "detail" in options) this.detail = options.detail;
    }

    get defaultPrevented() { return this.#prevented; }
    preventDefault() { this.#prevented ||= this.cancelable; }
    stopPropagation() { return undefined; }
    stopImmediatePropagation() { this.#stopped = true; }
    static stopped(event) { return #stopped in event && event.#stopped; }
  }
  const { stopped } = Event;
  delete Event.stopped;

  class EventTarget {
    #listeners = new Map();

    addEventListener(type, listener, options) {
      if (listener == null || options?.signal?.aborted) return;
      const list = this.#listeners.get(type) ?? [];
      this.#listeners.set(type, list);
      if (list.some(entry => entry.listener === listener)) return;
      list.push({ listener, once: Boolean(options?.once) });
      options?.signal?.addEventListener("abort", () => this.removeEventListener(type, listener));
    }

    removeEventListener(type, listener) {
      const list = this.#listeners.get(type) ?? [];
      this.#listeners.set(type, list.filter(entry => entry.listener !== listener));
    }

    dispatchEvent(event) {
      event.target = event.currentTarget = this;
      const handler = this[`on${event.type}`];
      if (typeof handler === "function") guarded(() => apply(handler, this, [event]));
      for (const { listener, once } of [...this.#listeners.get(event.type) ?? []]) {
        if (stopped(event)) break;
        if (once) this.removeEventListener(event.type, listener);
        guarded(() => (typeof listener === "function" ? apply(listener, this, [event]) : listener.handleEvent(event)));
      }
      return !event.defaultPrevented;
    }
  }

  // One listener's error does not keep the event from the others; it fails the run.
  function guarded(run) {
    try {
      track(run());
    } catch (error) {
      lost.set({}, error);
    }
  }

  let make;
  class AbortSignal extends EventTarget {
    #aborted = false;
    #reason = undefined;
    static {
      make = () => {
        const signal = new AbortSignal();
        return [signal, reason => {
          if (signal.#aborted) return;
          signal.#aborted = true;
          signal.#reason = reason === undefined ? new DOMException("This operation was aborted", "AbortError") : thrown(reason);
          signal.dispatchEvent(new Event("abort"));
        }];
      };
    }

    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }

    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }

    static abort(reason) {
      const [signal, abort] = make();
      abort(reason);
      return signal;
    }

    static timeout(milliseconds) {
      const [signal, abort] = make();
      setTimeout(() => abort(new DOMException("The operation timed out", "TimeoutError")), milliseconds);
      return signal;
    }

    static any(signals) {
      const [signal, abort] = make(), all = [...signals];
      const done = all.find(each => each.aborted);
      if (done !== undefined) abort(done.reason);
      else for (const each of all) each.addEventListener("abort", () => abort(each.reason));
      return signal;
    }
  }

  class AbortController {
    #abort;

    constructor() {
      const [signal, abort] = make();
      this.#abort = abort;
      defineProperty(this, "signal", { value: signal, enumerable: true });
    }

    abort(reason) { this.#abort(reason); }
  }

  for (const type of [Event, EventTarget, AbortSignal, AbortController]) freeze(type.prototype);
  return { Event, EventTarget, AbortSignal, AbortController };
})()
