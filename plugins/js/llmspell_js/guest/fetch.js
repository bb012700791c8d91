// `fetch`, with the part of its classes that spells use. Which bridge has the role is the host's to say, what may be asked the policy's.

(() => {
  const REQUEST = '"_fetch","request"';
  const { TextDecoder, TextEncoder } = lazy("text"), { URL, URLSearchParams } = lazy("url");
  const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
  const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

  class Headers {
    #values = new Map();

    constructor(init) {
      if (init === undefined || init === null) return;
      const pairs = typeof init[Symbol.iterator] === "function" ? init : entriesOf(init);
      for (const [name, value] of pairs) this.append(name, value);
    }

    static #key(name) {
      if (!NAME.test(`${name}`)) throw new TypeError(`Headers: '${name}' is no header's name`);
      return `${name}`.toLowerCase();
    }

    append(name, value) {
      const key = Headers.#key(name), known = this.#values.get(key);
      this.#values.set(key, known === undefined ? `${value}`.trim() : `${known}, ${`${value}`.trim()}`);
    }
    set(name, value) { this.#values.set(Headers.#key(name), `${value}`.trim()); }
    get(name) { return this.#values.get(Headers.#key(name)) ?? null; }
    has(name) { return this.#values.has(Headers.#key(name)); }
    delete(name) { this.#values.delete(Headers.#key(name)); }
    forEach(callback, self) { for (const [name, value] of this) apply(callback, self, [value, name, this]); }
    keys() { return [...this].map(([name]) => name).values(); }
    values() { return [...this].map(([, value]) => value).values(); }
    entries() { return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)).values(); }
    [Symbol.iterator]() { return this.entries(); }
  }

  // Returns the body as bytes, and what it is.
  function packed(body) {
    if (body === undefined || body === null) return [undefined, undefined];
    if (body instanceof URLSearchParams) return [new TextEncoder().encode(`${body}`), "application/x-www-form-urlencoded;charset=UTF-8"];
    if (ArrayBuffer.isView(body)) return [new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice(), undefined];
    if (body instanceof ArrayBuffer) return [new Uint8Array(body).slice(), undefined];
    return [new TextEncoder().encode(`${body}`), "text/plain;charset=UTF-8"];
  }

  // Returns the error of a body that is no JSON, placed where the spell asked for it.
  function wrongBody(error, text, site) {
    const made = new SyntaxError(`the body is not JSON: ${error.message}; it begins with ${stringify(text.slice(0, 40))}`);
    for (const [key, value] of entriesOf({ ...placeOfError(site), traceback: traceOf(frames(site)) })) setOwn(made, key, value);
    return made;
  }

  class Body {
    #bytes;
    #used = false;

    constructor(body, headers) {
      const [bytes, kind] = packed(body);
      this.#bytes = bytes;
      if (kind !== undefined && !headers.has("content-type")) headers.set("content-type", kind);
      defineProperty(this, "headers", { value: headers, enumerable: true });
    }

    get bodyUsed() { return this.#used; }
    async bytes() {
      if (this.#used) throw new TypeError("the body was read already; clone() it first");
      this.#used = this.#bytes !== undefined;
      return this.#bytes ?? new Uint8Array();
    }
    async arrayBuffer() { return (await this.bytes()).slice().buffer; }
    async text() { return new TextDecoder().decode(await this.bytes()); }
    async json() {
      const site = new NativeError(), text = await this.text();
      try {
        return parse(text);
      } catch (error) {
        throw wrongBody(error, text, site);
      }
    }

    static copy(body) {
      if (body.#used) throw new TypeError("the body was read already; clone() it first");
      return body.#bytes;
    }
  }
  const { copy } = Body;
  delete Body.copy;

  class Request extends Body {
    constructor(input, init = {}) {
      const base = input instanceof Request ? input : undefined;
      const method = `${init.method ?? base?.method ?? "GET"}`.toUpperCase();
      const body = init.body ?? (base && copy(base));
      if (!METHODS.has(method)) throw new TypeError(`fetch: the method must be one of ${[...METHODS].join(", ")}, not ${method}`);
      if ((method === "GET" || method === "HEAD") && body !== undefined && body !== null) throw new TypeError(`fetch: a ${method} request has no body`);
      if ((init.redirect ?? "follow") !== "follow") throw new TypeError("fetch: redirects are always followed; leave 'redirect' out");
      super(body, new Headers(init.headers ?? base?.headers));
      this.method = method;
      this.url = base?.url ?? new URL(`${input}`).href;
      this.signal = init.signal ?? base?.signal ?? null;
    }

    clone() { return new Request(this); }
  }

  class Response extends Body {
    constructor(body, init = {}) {
      super(body, new Headers(init.headers));
      this.status = init.status ?? 200;
      this.statusText = `${init.statusText ?? ""}`;
      this.url = init.url ?? "";
    }

    get ok() { return this.status >= 200 && this.status < 300; }
    clone() { return new Response(copy(this), this); }
  }

  // Asks, until the signal says otherwise.
  function ask(options, signal) {
    const promise = call(REQUEST, [options]), id = lastCall, waiting = pending.get(id);
    if (signal === null || waiting?.promise !== promise) return promise;
    signal.addEventListener("abort", () => {
      if (!pending.delete(id)) return;
      tell(CANCEL, `[${id}]`);
      waiting.reject(signal.reason);
    }, { once: true });
    return promise;
  }

  async function answered(request) {
    request.signal?.throwIfAborted();
    const options = { url: request.url, method: request.method, headers: Object.fromEntries(request.headers), bytes: true };
    const body = copy(request);
    if (body !== undefined) options.body = body;
    const { bytes, status, headers, url } = await ask(options, request.signal);
    return new Response(bytes, { status, headers, url });
  }

  function fetch(input, init) {
    try {
      return track(answered(new Request(input, init)));
    } catch (error) {
      return failed(error);
    }
  }

  for (const type of [Headers, Body, Request, Response]) freeze(type.prototype);
  return { fetch, Headers, Request, Response };
})()
