// The module `testing`: tests are told of here; the host runs them when the file has ended.

(() => {
  const { refuse, expectText, expectFunction } = lazy("library/shapes");
  const { optionsOf } = lazy("promise");
  const doubles = lazy("library/doubles"), { expect, fail } = lazy("library/expecting");
  const TEST = ["skip", "only", "timeout"];
  const LOAD = ["times", "duration", "atOnce", "maxErrors", "median", "p95", "p99", "perSecond"];
  const AROUND = ["before_all", "after_all", "before_each", "after_each"];
  let root, group, isRun = false;

  function newGroup(name, { skip, only }) {
    const made = { name, skip, only, items: [] };
    for (const kind of AROUND) made[kind] = [];
    return made;
  }

  function run() {
    isRun = true;
    return call('"_testing","run"', [root, doubles.restore]);
  }

  // Runs the tests that nobody has run yet, at the end of the file.
  async function atEnd(failed) {
    if (failed || isRun) return;
    const report = await run();
    if (report.text === "") return;
    say(report.text, "info");
    if (report.failed > 0) throw new SpellError(`${report.failed} of ${report.tests.length} tests failed`, { kind: "assertion" });
  }

  function begin() {
    root = group = newGroup("", {});
    const before = closing;
    closing = before === null ? atEnd : async (failed, what) => {
      await atEnd(failed);
      await before(failed, what);
    };
  }

  function current(name) {
    if (isRun) throw new SpellError(`testing.${name}: the tests run already; tell of all of them before`, { kind: "call" });
    if (root === undefined) begin();
    return group;
  }

  function add(name, f, { skip, only, timeout, load }, caller) {
    expectText(name, caller);
    const { items } = current(caller), { file, line } = placeOfError(new NativeError());
    items.push({ name, f, file, line, skip, only, timeout, caller, load });
  }

  // Tells of a group of tests; what `f` tells of belongs to it.
  function describe(name, f, options) {
    expectText(name, "describe");
    expectFunction(f, "describe");
    const outer = current("describe");
    const made = newGroup(name, optionsOf(options, "describe", ["skip", "only"]));
    outer.items.push(made);
    group = made;
    try {
      if (lazy("library/shapes").isPromise(f())) refuse("describe takes a function that comes back at once; put what waits into beforeAll");
    } finally {
      group = outer;
    }
  }

  const it = (name, f, options) => add(name, expectFunction(f, "it"), optionsOf(options, "it", TEST), "it");
  const only = (name, f) => add(name, expectFunction(f, "only"), { only: true }, "only");
  const skip = (name, f) => add(name, f, { skip: true }, "skip");
  const todo = name => add(name, undefined, { skip: "todo" }, "todo");

  // Tells of a function to be measured; what the host reads has its names.
  const measured = (caller, known) => (name, f, options) => {
    const { skip, only, timeout, atOnce, maxErrors, perSecond, ...load } = optionsOf(options, caller, [...TEST, ...known]);
    Object.assign(load, { at_once: atOnce, max_errors: maxErrors, per_second: perSecond });
    add(name, expectFunction(f, caller), { skip, only, timeout, load }, caller);
  };

  const around = (kind, caller) => f => { current(caller)[kind].push(expectFunction(f, caller)); };
  const bench = measured("bench", ["times"]);

  // Runs what was told of so far, and returns what came of it.
  function runNow() {
    current("run");
    return track(run().then(report => report.tests));
  }

  const fakeModel = replies => call('"_testing","fake_model"', [typeof replies === "string" ? [replies] : replies]);
  const fakeCall = (name, answer) => call('"_testing","fake_call"', answer === undefined ? [name] : [name, answer]);
  const fakeClock = start => call('"_testing","fake_clock"', start === undefined ? [] : [start]);

  const testing = {
    describe, it, only, skip, todo, bench, benchmark: bench, loadTest: measured("loadTest", LOAD), run: runNow,
    expect, fail, fakeModel, fakeCall, fakeClock,
    beforeAll: around("before_all", "beforeAll"), afterAll: around("after_all", "afterAll"),
    beforeEach: around("before_each", "beforeEach"), afterEach: around("after_each", "afterEach"),
    mock: doubles.mock, mockObject: doubles.mockObject, spy: doubles.spy, stub: doubles.stub,
  };
  return { testing };
})()
