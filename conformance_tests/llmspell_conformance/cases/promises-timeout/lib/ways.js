const way = {}
const never = async () => { await probe.never() }
const timeout = f => promise.timeout(promise.spawn(f), 0.01)
way.task = () => promise.timeout(never(), 0.01)
way.tasks = () => timeout(async () => { await Promise.all([never(), never()]) })
way.errors = () => errors.timeout(never, 0.01)
way.await = () => promise.await(promise.spawn(never), 0.01)
way.all = () => promise.timeout(Promise.all([never(), never()]), 0.01)
way.map = () => promise.timeout(promise.map([1, 2], never), 0.01)
way.cleanup = see => timeout(async () => { try { await never() } catch { see("caught") } finally { see("finally") } })
way.later = () => timeout(async () => { await sleep(0.015); await probe.echo("later") })
way.handler = see => timeout(async () => { await never().finally(() => see("called")) })
way.inner = see => errors.timeout(async () => {
  try { await errors.timeout(never, 0.01) } catch (error) { see(error.kind) }
  see(await probe.echo("outer"))
}, 10)
way.other = async see => {
  const other = (async () => { await sleep(0.012); see(await probe.echo("other")) })()
  let problem
  try { await errors.timeout(never, 0.01) } catch (error) { problem = error }
  await other
  throw problem
}
way.woken = async see => {
  const ch = channel.new()
  async function take() {
    const x = await ch.receive()
    await sleep(0.005)
    see(await probe.echo(x))
  }
  const taker = take()
  let problem
  try { await errors.timeout(async () => { await ch.send(1); await probe.never() }, 0.002) } catch (error) { problem = error }
  await taker
  throw problem
}
way.fast = async see => see(await errors.timeout(() => probe.echo(1), 10))
way.raises = () => errors.timeout(() => { throw new SpellError("m", { kind: "odd" }) }, 10)
way.elsewhere = async see => {
  const p = promise.spawn(never)
  const other = (async () => { try { await p } catch (error) { see(error.kind) } })()
  let problem
  try { await promise.timeout(p, 0.01) } catch (error) { problem = error }
  await other
  throw problem
}
module.exports = way
