const way = {}
const never = async () => { await probe.never() }
async function told(see, p, field) {
  try { await p } catch (error) {
    see(error.kind)
    if (field) see(error[field])
  }
}
function later(token, reason) {
  promise.spawn(async () => { await sleep(0.001); token.cancel(reason ?? "enough") })
}
way.task = async see => {
  const t = promise.token()
  later(t)
  await told(see, t.run(never), "message")
}
way.watch = async see => {
  const t = promise.token()
  later(t)
  await told(see, t.watch(probe.never()), "message")
}
way.inner = async see => {
  const t = promise.token()
  later(t)
  await told(see, t.run(async () => { never(); await never() }), "message")
}
way.several = async see => {
  const t = promise.token(), a = t.run(never), b = t.watch(never())
  later(t)
  await told(see, a)
  await told(see, b)
}
way.late = async see => {
  const t = promise.token()
  t.cancel("enough")
  await told(see, t.run(() => see("ran")), "message")
}
way.ended = async see => {
  const t = promise.token(), p = t.run(() => probe.echo(1))
  await p
  t.cancel()
  see(await p)
}
way.listeners = see => {
  const t = promise.token()
  t.onCancel(reason => see(`a ${reason}`))
  t.onCancel(reason => see(`b ${reason}`))
  t.cancel("enough")
}
way.late_listener = see => {
  const t = promise.token()
  t.cancel("enough")
  t.onCancel(see)
}
way.twice = see => {
  const t = promise.token()
  t.onCancel(see)
  t.cancel("first")
  t.cancel("second")
}
way.tells = see => {
  const t = promise.token()
  see(t.cancelled())
  t.cancel()
  see(t.cancelled())
}
way.reason = async see => {
  const t = promise.token()
  later(t, { code: 7 })
  await told(see, t.run(never), "data")
}
way.itself = async see => {
  const t = promise.token()
  await told(see, t.run(async () => { await sleep(0); see("before"); t.cancel(); await sleep(0); see("after") }))
}
way.nobody = async see => {
  const t = promise.token()
  t.run(never)
  await sleep(0)
  t.cancel()
}
way.others = async see => {
  const t = promise.token()
  t.run(never)
  const p = promise.spawn(async () => { await sleep(0.002); return probe.echo(1) })
  later(t)
  see(await p)
}
way.after = async see => {
  const t = promise.token()
  const p = t.run(async () => { try { await never() } catch (error) { see("caught") } })
  later(t)
  await told(see, p)
  await (async () => { see("inside") })()
  see(await (await probe.echo(1)))
  see(await probe.echo(2))
}
module.exports = way
