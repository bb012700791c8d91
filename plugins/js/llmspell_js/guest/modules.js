// The program's files: `require` and `import` among them, and of bridges and guest modules by name.

(() => {
  const files = new Map(starts.map(([file], index) => [file, index]));
  const records = [];

  // Returns what runs, and what has come of, the file of that index.
  function recordOf(index) {
    return records[index] ??= { index, file: starts[index][0], kind: program[index][0], state: "new", exports: undefined, namespace: undefined };
  }

  // Returns the index of the file that a name means to the file that asks, or undefined.
  function find(name, from) {
    const folder = starts[from][0].split("/").slice(0, -1);
    const bases = /^\.\.?(\/|$)/.test(name) ? [folder] : [[], ["lib"], folder];
    for (const base of bases) {
      const path = join(base, name);
      if (path === undefined) continue;
      for (const ending of ["", ".js", ".mjs", ".cjs", ".json", "/index.js", "/index.mjs", "/index.cjs"]) {
        const index = files.get(path + ending);
        if (index !== undefined) return index;
      }
    }
    return undefined;
  }

  function join(base, name) {
    const parts = [...base];
    for (const part of name.split("/")) {
      if (part === "..") {
        if (parts.pop() === undefined) return undefined;
      } else if (part !== "." && part !== "") parts.push(part);
    }
    return name.startsWith("/") ? undefined : parts.join("/");
  }

  const known = name => moduleNamed(name) ?? guestModule(name);

  function locate(name, from, place) {
    if (typeof name !== "string") throw placed(new SpellError(`a module's name is text, not ${typeof name}`), place);
    const index = find(name, from);
    if (index !== undefined) return index;
    const problem = `no module named '${name}': no file of the spell, no bridge and no built-in is called so${lazy("missing").module(name)}`;
    throw placed(new SpellError(problem), place);
  }

  function placed(error, place) {
    if (place === undefined) return error;
    setOwn(error, "file", place[0]);
    setOwn(error, "line", place[1]);
    return error;
  }

  // CommonJS: runs the file on first use and returns what it exports; a cycle sees what is there so far.
  function requireFrom(from, name) {
    const given = known(name);
    if (given !== undefined) return given;
    const record = recordOf(locate(name, from));
    if (record.kind !== "module") return runScript(record).exports;
    if (record.state === "new") runAtOnce(record);
    if (record.state === "failed") throw record.error;
    return record.namespace;
  }

  function runScript(record) {
    if (record.state === "failed") throw record.error;
    if (record.state !== "new") return record;
    if (record.kind === "wrong") throw wrongFile(record);
    record.state = "running";
    if (record.kind === "json") record.exports = parse(program[record.index][1]);
    else runCommon(record, program[record.index][1]);
    record.state = "done";
    return record;
  }

  // A file that does not parse does no harm before somebody wants it.
  function wrongFile({ index, file }) {
    const { kind, message, line } = program[index][1];
    return placed(new SpellError(message, { kind }), [file, line]);
  }

  function runCommon(record, body) {
    const module = {
      id: record.file, filename: record.file,
      get exports() { return record.exports; },
      set exports(value) { record.exports = value; },
    };
    record.exports = {};
    try {
      apply(body, record.exports, [requirerOf(record.index), module, record.exports, importerOf(record.index), track, thrown, watched, caught, ended, executor, scopes]);
    } catch (error) {
      record.state = "failed";
      record.error = error;
      throw error;
    }
  }

  const requirerOf = index => name => requireFrom(index, name);
  const importerOf = index => name => importFrom(index, name);

  function runAtOnce(record) {
    link(record);
    const order = orderOf(record);
    const waits = order.find(each => each.kind === "module" && program[each.index][1].waits);
    if (waits) throw new SpellError(`${waits.file} awaits at its top level; use await import() instead of require()`);
    for (const each of order) evaluate(each);
  }

  // ES modules: every module is linked before the first one runs, each one after those it imports.
  function link(record) {
    if (record.namespace !== undefined) return;
    record.namespace = { __proto__: null, [Symbol.toStringTag]: "Module" };
    if (record.kind !== "module") return;
    const [, facts, body] = program[record.index];
    record.facts = facts;
    record.targets = facts.imports.map(([name, line]) => targetOf(record, name, line));
    for (const target of record.targets) if (target.file !== undefined) link(target);
    record.getters = { __proto__: null };
    for (const name of [...exportsOf(record)].sort()) defineExport(record, name);
    const meta = { url: `file:///${record.file}`, filename: record.file };
    const register = getters => Object.assign(record.getters, getters);
    record.body = body(
      requirerOf(record.index), undefined, undefined, importerOf(record.index), track, thrown, watched, caught, ended, executor, scopes, meta, register, ...record.targets.map(target => target.namespace));
    inScope(MAIN, () => record.body.next());
    checkImports(record);
  }

  function targetOf(record, name, line) {
    const given = known(name);
    return given !== undefined ? { namespace: spread(given) } : recordOf(locate(name, record.index, [record.file, line]));
  }

  // What `import` sees of a bridge: its methods by name, and all of it as the default.
  const spread = given => new Proxy(NOTHING, { ...READ_ONLY, get: (_, name) => (name === "default" ? given : given[name]), has: () => true });

  // Returns the names that a module exports, those passed on by `export *` among them.
  function exportsOf(record, seen = new Set()) {
    const names = new Set(record.facts?.exports);
    if (seen.has(record)) return names;
    seen.add(record);
    for (const star of record.facts?.stars ?? [])
      if (record.targets?.[star].facts !== undefined) for (const name of exportsOf(record.targets[star], seen)) if (name !== "default") names.add(name);
    return names;
  }

  function defineExport(record, name) {
    defineProperty(record.namespace, name, { get: () => currentValue(record, name), enumerable: true, configurable: true });
  }

  function currentValue(record, name) {
    const getter = record.getters[name];
    if (getter !== undefined) return getter();
    for (const star of record.facts.stars) if (name in record.targets[star].namespace) return record.targets[star].namespace[name];
    throw new ReferenceError(`${name} is not initialized`);
  }

  function checkImports(record) {
    for (const [target, name, line] of record.facts.wants) {
      const from = record.targets[target];
      if (from.kind !== "module" || exportsOf(from).has(name)) continue;
      throw placed(new SyntaxError(`the module ${from.file} has no export named ${stringify(name)}`), [record.file, line]);
    }
  }

  // Returns the modules to run before and with this one, dependencies first.
  function orderOf(record, seen = new Set(), order = []) {
    if (seen.has(record)) return order;
    seen.add(record);
    for (const target of record.targets ?? []) if (target.file !== undefined) orderOf(target, seen, order);
    order.push(record);
    return order;
  }

  // Runs one file, if nobody has yet; returns a promise when it awaits at its top level.
  function evaluate(record) {
    if (record.state === "failed") throw record.error;
    if (record.state === "done" || record.state === "running") return record.promise;
    if (record.kind !== "module") return fill(record, runScript(record).exports);
    record.state = "running";
    spreadStars(record);
    try {
      return record.promise = inScope(MAIN, () => begin(record));   // what stops who asked for it first does not stop it
    } catch (error) {
      return fail(record, error);
    }
  }

  function begin(record) {
    const result = record.body.next();
    return record.facts.waits ? result.then(() => settle(record), error => fail(record, error)) : settle(record);
  }

  function fail(record, error) {
    record.state = "failed";
    record.error = error;
    throw error;
  }

  // `export *` of what is no module: its fields are known only once it has run.
  function spreadStars(record) {
    for (const star of record.facts.stars) {
      const { kind, namespace } = record.targets[star];
      if (kind !== "module") for (const name of keysOf(namespace)) if (name !== "default" && !(name in record.namespace)) defineExport(record, name);
    }
  }

  // A binding that is never assigned again becomes a plain field, which is read at full speed.
  function settle(record) {
    record.state = "done";
    for (const name of record.facts.fixed)
      defineProperty(record.namespace, name, { value: record.getters[name](), writable: false, enumerable: true, configurable: false });
    Object.preventExtensions(record.namespace);
  }

  function fill(record, exports) {
    if (hasOwn(record.namespace, "default")) return;
    if (typeof exports === "object" && exports !== null || typeof exports === "function")
      for (const name of keysOf(exports)) if (name !== "default") defineProperty(record.namespace, name, { get: () => exports[name], enumerable: true });
    defineProperty(record.namespace, "default", { get: () => record.exports, enumerable: true });
  }

  async function load(record) {
    link(record);
    for (const each of orderOf(record)) {
      const waiting = evaluate(each);
      if (waiting !== undefined) await waiting;
    }
    return record.namespace;
  }

  function importFrom(from, name) {
    return track((async () => {
      const given = known(`${name}`);
      return given !== undefined ? spread(given) : load(recordOf(locate(`${name}`, from)));
    })());
  }

  // Returns the spell's value; a function is what other hosts of modules call, and would be of no use after the end.
  async function runEntry() {
    const { default: value } = await load(recordOf(entry));
    return typeof value === "function" ? value(globalThis.params) : value;
  }

  // The plain entry file is a script that is already running.
  if (program[entry][0] === "plain") Object.assign(recordOf(entry), { state: "running", exports: {} });
  return { requireFrom, importFrom, runEntry };
})()
