// The part of `spell` that needs no host: what is done at the end, and the files of the spell.

(() => {
  const completing = [], failing = [], cleaning = [];
  const resources = new Map();
  const refuse = (message, kind = "argument") => { throw new SpellError(`spell.${message}`, { kind }); };

  function check(f, name) {
    if (typeof f !== "function") refuse(`${name}: write a function, not ${f == null ? "nothing" : typeof f === "object" ? "an object" : `a ${typeof f}`}`);
  }

  // Calls functions one after the other, whatever becomes of each; returns the errors.
  async function callEach(functions, argument) {
    const problems = [];
    for (const f of functions) {
      try {
        await f(argument);
      } catch (error) {
        problems.push(caught(error));
      }
    }
    return problems;
  }

  // Runs once, as the last task of the spell.
  async function close(failed, what) {
    const problems = failed ? await callEach(failing, valueOf(caught(what))) : await callEach(completing, what);
    problems.push(...await callEach(cleaning.reverse()));
    if (problems.length !== 0) throw problems[0];
  }

  function checkOpen(name) {
    if (closed) refuse(`${name}: the spell is at its end; say earlier what is done there`, "call");
  }

  let closes = false;

  // Has that done at the end, after what others want done there.
  function closeToo() {
    if (closes) return;
    closes = true;
    const before = closing;
    closing = before === null ? close : async (failed, what) => {
      await before(failed, what);
      await close(failed, what);
    };
  }

  function keep(list, f, name) {
    check(f, name);
    checkOpen(name);
    closeToo();
    list.push(f);
  }

  async function make(create, cleanup) {
    const made = await create();
    keep(cleaning, () => cleanup(made), "resource");
    return made;
  }

  const KINDS = {
    __proto__: null,
    any: () => true,
    string: value => typeof value === "string",
    number: value => typeof value === "number" || typeof value === "bigint",
    integer: value => typeof value === "bigint" || Number.isInteger(value),
    boolean: value => typeof value === "boolean",
    list: value => Array.isArray(value),
    map: value => typeof value === "object" && value !== null && !Array.isArray(value),
  };

  function fromText(text) {
    try {
      return parse(text);
    } catch {
      return undefined;
    }
  }

  return {
    params(name, otherwise, kind = "any") {
      const fits = KINDS[kind];
      if (fits === undefined) refuse(`params: there is no type ${kind}; write any, string, number, integer, boolean, list or map`);
      const given = hasOwn(params, name) ? params[name] : null;
      if (given === null || given === undefined) return otherwise;
      const value = fits(given) || typeof given !== "string" ? given : fromText(given);
      if (!fits(value)) throw new SpellError(`parameter '${name}' must be of the type ${kind}`, { kind: "parameters" });
      return value;
    },
    async output(data, format) {
      const text = await call('"_package","output"', format === undefined ? [data] : [data, format]);
      say(`${text}\n`, "info");
      return text;
    },
    onStart(f) {
      check(f, "onStart");
      return f(params);
    },
    onComplete(f) { keep(completing, f, "onComplete"); },
    onError(f) { keep(failing, f, "onError"); },
    onCleanup(f) { keep(cleaning, f, "onCleanup"); },
    resource(name, functions) {
      if (typeof name !== "string" || typeof functions !== "object" || functions === null) refuse("resource: write a name and { create, cleanup }");
      if (resources.has(name)) return resources.get(name);
      const { create, cleanup } = functions;
      check(create, "resource: create");
      check(cleanup, "resource: cleanup");
      checkOpen("resource");
      const made = make(create, cleanup);
      resources.set(name, made);
      return track(made);
    },
    include(path) {
      if (!starts.some(([file]) => file === path)) return call('"_package","include"', [path]);
      return track(lazy("modules").importFrom(entry, `./${path}`).then(found => found.default ?? found));
    },
    library(name, functions) {
      if (typeof name !== "string" || !/^[A-Za-z_][\w.-]*$/.test(name) || typeof functions !== "object" || functions === null)
        refuse("library: write a name, of letters, digits and _, and an object of functions");
      if (named.has(name) || GUESTS.has(name)) refuse(`library: there is a module ${name} already; choose another name`);
      named.set(name, functions);
      return functions;
    },
  };
})()
