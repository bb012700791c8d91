// The classes over the URL parser.

(() => {
  const rules = lazy("urlparser");
  const formed = text => rules.form(text).replaceAll(" ", "+");

  class URLSearchParams {
    #list = [];
    #changed = () => {};
    static linked(text, changed) {
      const made = new URLSearchParams(text);
      made.#changed = changed;
      return made;
    }
    static reset(params, text) { params.#list = URLSearchParams.#parsed(text); }
    static #parsed(text) {
      return text.replace(/^\?/, "").split("&").filter(Boolean).map(pair => {
        const at = pair.indexOf("=");
        return (at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)]).map(rules.decodeForm);
      });
    }

    constructor(init = "") {
      if (typeof init !== "object" || init === null) this.#list = URLSearchParams.#parsed(`${init}`);
      else this.#list = Array.from(typeof init[Symbol.iterator] === "function" ? init : entriesOf(init), pair => {
        const [name, value, more] = pair;
        if (value === undefined || more !== undefined) throw new TypeError("URLSearchParams: each pair must be a name and a value");
        return [`${name}`.toWellFormed(), `${value}`.toWellFormed()];
      });
    }

    get size() { return this.#list.length; }
    get(name) { return this.#list.find(pair => pair[0] === `${name}`)?.[1] ?? null; }
    getAll(name) { return this.#list.filter(pair => pair[0] === `${name}`).map(pair => pair[1]); }
    has(name, value) { return this.#list.some(pair => pair[0] === `${name}` && (value === undefined || pair[1] === `${value}`)); }

    append(name, value) {
      this.#list.push([`${name}`.toWellFormed(), `${value}`.toWellFormed()]);
      this.#changed();
    }

    delete(name, value) {
      this.#list = this.#list.filter(pair => pair[0] !== `${name}` || value !== undefined && pair[1] !== `${value}`);
      this.#changed();
    }

    set(name, value) {
      const first = this.#list.find(pair => pair[0] === `${name}`);
      if (first === undefined) return this.append(name, value);
      first[1] = `${value}`.toWellFormed();
      this.#list = this.#list.filter(pair => pair === first || pair[0] !== `${name}`);
      return this.#changed();
    }

    sort() {
      this.#list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed();
    }

    forEach(callback, self) { for (const [name, value] of this) apply(callback, self, [value, name, this]); }
    *entries() { for (const [name, value] of this.#list) yield [name, value]; }
    *keys() { for (const [name] of this.#list) yield name; }
    *values() { for (const [, value] of this.#list) yield value; }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return this.#list.map(([name, value]) => `${formed(name)}=${formed(value)}`).join("&"); }
  }
  const { linked, reset } = URLSearchParams;
  delete URLSearchParams.linked;
  delete URLSearchParams.reset;

  class URL {
    #url;
    #params;

    constructor(text, base) {
      this.#url = rules.parseUrl(`${text}`, base === undefined ? undefined : rules.parseUrl(`${base}`));
    }

    static canParse(text, base) { return URL.parse(text, base) !== null; }
    static parse(text, base) {
      try {
        return new URL(text, base);
      } catch {
        return null;
      }
    }

    get searchParams() {
      return this.#params ??= linked(this.search, () => { this.#url.query = this.#params.toString() || null; });
    }

    #refresh() {
      if (this.#params !== undefined) reset(this.#params, this.search);
    }

    get href() { return rules.serialized(this.#url); }
    set href(text) {
      this.#url = rules.parseUrl(`${text}`);
      this.#refresh();
    }

    get origin() { return rules.isSpecial(this.protocol) && this.protocol !== "file:" ? `${this.protocol}//${this.host}` : "null"; }
    get protocol() { return this.#url.protocol; }
    set protocol(text) {
      const protocol = `${text}`.toLowerCase().replace(/:?$/, ":");
      if (!/^[a-z][a-z0-9+.-]*:$/.test(protocol) || rules.isSpecial(protocol) !== rules.isSpecial(this.protocol)) return;
      this.#url.protocol = protocol;
      if (this.#url.port === rules.PORTS[protocol]) this.#url.port = "";
    }

    get username() { return this.#url.username; }
    set username(text) { if (this.#url.host) this.#url.username = rules.escapeUser(`${text}`); }
    get password() { return this.#url.password; }
    set password(text) { if (this.#url.host) this.#url.password = rules.escapeUser(`${text}`); }
    get host() { return `${this.hostname}${this.#url.port && `:${this.#url.port}`}`; }
    set host(text) {
      const [, name, port] = /^(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?/.exec(`${text}`);
      this.hostname = name;
      if (port !== undefined) this.port = port;
    }

    get hostname() { return this.#url.host ?? ""; }
    set hostname(text) {
      if (this.#url.opaque || `${text}` === "") return;
      try {
        this.#url.host = rules.hostOf(`${text}`, `${text}`);
      } catch { /* a wrong host leaves the URL as it was */ }
    }

    get port() { return this.#url.port; }
    set port(text) {
      const port = /^\d*/.exec(`${text}`)[0];
      if (`${text}` !== "" && port === "" || Number(port) > 65535 || !this.#url.host) return;
      this.#url.port = port === "" || String(Number(port)) === rules.PORTS[this.protocol] ? "" : String(Number(port));
    }

    get pathname() { return this.#url.path; }
    set pathname(text) { if (!this.#url.opaque) this.#url.path = rules.normalized(`/${`${text}`.replace(/^\//, "")}`, rules.isSpecial(this.protocol)); }
    get search() { return this.#url.query ? `?${this.#url.query}` : ""; }
    set search(text) {
      const query = `${text}`.replace(/^\?/, "");
      this.#url.query = query === "" ? null : (rules.isSpecial(this.protocol) ? rules.escapeSpecialQuery : rules.escapeQuery)(query);
      this.#refresh();
    }

    get hash() { return this.#url.fragment ? `#${this.#url.fragment}` : ""; }
    set hash(text) {
      const fragment = `${text}`.replace(/^#/, "");
      this.#url.fragment = fragment === "" ? null : rules.escapeFragment(fragment);
    }

    toString() { return this.href; }
    toJSON() { return this.href; }
  }

  freeze(URL.prototype);
  freeze(URLSearchParams.prototype);
  return { URL, URLSearchParams };
})()
