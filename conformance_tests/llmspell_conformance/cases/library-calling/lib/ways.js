const way = {}
const kindOf = async f => { try { await f() } catch (error) { return error.kind } }
const fail = () => { throw new SpellError("m", { kind: "odd" }) }
way.debounce = async (f, out) => {
  const g = core.debounce(f, 0.002)
  g(1); g(2)
  const a = g(3), b = g(3)
  out(await a); out(await b)
}
way.debounce_again = async (f, out) => {
  const g = core.debounce(f, 0.002)
  out(await g(1)); out(await g(2))
}
way.debounce_fails = async (_, out) => out(await kindOf(() => core.debounce(fail, 0)()))
way.throttle = (f, out) => { const g = core.throttle(f, 10); out(g(1)); out(g(2)) }
way.throttle_again = async (f, out) => {
  const g = core.throttle(f, 0.001)
  out(g(1))
  await sleep(0.005)
  out(g(2))
}
way.memoize = (f, out) => { const g = core.memoize(f); out(g(1)); out(g(1)); out(g(2)) }
way.memoize_kinds = (f, out) => { const g = core.memoize(f); out(g(1)); out(g("1")) }
way.memoize_deep = (_, out) => {
  let calls = 0
  const g = core.memoize(() => { calls++; return {} }), same = g({ a: [1] }) === g({ a: [1] })
  out(calls); out(same)
}
way.memoize_key = (f, out) => {
  const g = core.memoize(f, () => "k")
  out(g(1)); out(g(2))
}
way.memoize_nothing = (_, out) => {
  let calls = 0
  const g = core.memoize(() => ++calls)
  out(g(null)); out(g(null)); out(g(1))
}
way.memoize_tasks = async (f, out) => {
  const g = core.memoize(async x => f(await probe.echo(x)))
  const a = promise.spawn(g, 1), b = promise.spawn(g, 1)
  out(await a); out(await b)
}
way.memoize_fails = async (_, out) => {
  let calls = 0
  const g = core.memoize(async () => { calls++; await probe.echo(); if (calls === 1) fail(); return calls })
  out(await kindOf(() => g(1))); out(await g(1))
}
way.memoize_function = async (_, out) => out(await kindOf(() => core.memoize(fail)(print)))
module.exports = way
