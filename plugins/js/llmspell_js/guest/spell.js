// The part of `spell` that needs no host: what is done at the end, and the files of the spell.

(() => {
  const completing = [], failing = [], cleaning = [];
  const resources = new Map();
  const refuse = message => { throw new SpellError(`spell.${message}`, { kind: "call" }); };

  function check(f, name) {
    if (typeof f !== "function") refuse(`${name}: write a function, not ${typeof f}`);
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
    const problems = failed ? await callEach(failing, caught(what)) : await callEach(completing, what);
    problems.push(...await callEach(cleaning.reverse()));
    if (problems.length !== 0) throw problems[0];
  }

  function checkOpen(name) {
    if (closed) refuse(`${name}: the spell is at its end; say earlier what is done there`);
  }

  function keep(list, f, name) {
    check(f, name);
    checkOpen(name);
    closing = close;
    list.push(f);
  }

  async function make(create, cleanup) {
    const made = await create();
    keep(cleaning, () => cleanup(made), "resource");
    return made;
  }

  return {
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
      if (!starts.some(([file]) => file === path)) return call('"spell","include"', [path]);
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
