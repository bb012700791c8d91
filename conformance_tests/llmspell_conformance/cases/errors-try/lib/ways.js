const way = {}
const fail = (kind = "odd", message = "m") => () => { throw new SpellError(message, { kind }) }
const one = () => 1, last = see => () => see("last")
way.well = see => errors.try(one, null, last(see))
way.caught = see => errors.try(fail(), e => { see(`${e.kind} ${e.message}`); return 2 }, last(see))
way.text = see => errors.try(() => { throw "plain" }, e => { see(`${e.kind} ${e.message}`); return 2 })
way.uncaught = see => errors.try(fail(), null, last(see))
way.twice = see => errors.try(fail(), fail("odd2", "m2"), last(see))
way.at_end = () => errors.try(one, null, fail("odd3", "m3"))
way.waits = see => errors.try(
  () => probe.fail("odd", "m"),
  async () => { see(await probe.echo("caught")); return probe.echo(3) },
  async () => see(await probe.echo("last")))
way.only_last = see => errors.try(one, undefined, last(see))
way.fallback_well = () => errors.fallback(one, fail())
way.fallback = see => errors.fallback(fail(), e => { see(e.kind); return 2 })
way.fallback_fails = () => errors.fallback(fail(), fail("odd2", "m2"))
way.fallback_waits = () => errors.fallback(() => probe.fail("odd", "m"), () => probe.echo(5))
way.safe_well = () => errors.safe(one, 7)
way.safe = () => errors.safe(fail(), 7)
way.safe_nothing = async see => see(await errors.safe(fail()))
way.safe_call = () => errors.safe(() => probe.fail("odd", "m"), 9)
way.no_function = () => errors.try(5)
way.no_fallback = () => errors.fallback(one)
way.no_catch = () => errors.try(one, 5)
way.no_end = () => errors.try(one, undefined, "last")
way.null_catch = () => errors.try(one, null, null)
module.exports = way
