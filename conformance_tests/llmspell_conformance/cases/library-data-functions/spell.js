const own = {
  twice: x => x * 2, nothing: () => {}, echo: x => probe.echo(x), even: x => x % 2 === 0, same: x => x,
  fail() { throw new SpellError("no", { kind: "odd" }) }, add: (a, b) => a + b,
  add_later: (a, b) => probe.echo(a + b), parity: x => (x % 2 === 0 ? "even" : "odd"),
}
const name = params.f.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
const [list, by, ...more] = params.args
return await data[name](list, own[by] ?? by, ...more)
