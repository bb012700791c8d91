const way = {}, { select } = channel
const later = f => { promise.spawn(async () => { await sleep(0); await f() }) }
way.full = async (a, b) => { await b.send(2); return select([a, b]) }
way.several = async (a, b) => { await b.send(2); await a.send(1); return select([a, b]) }
way.later = (a, b) => { later(() => b.send(2)); return select([a, b]) }
way.closed = (a, b) => { b.close(); return select([a, b]) }
way.closed_later = (a, b) => { later(() => a.close()); return select([a, b]) }
way.sends = async (a, b) => {
  const found = await select([a, [b, 9]])
  return [found, await b.receive()]
}
way.sends_later = async a => {
  await a.send(0); await a.send(0)
  const taker = promise.spawn(async () => { await sleep(0); await a.receive() })
  const found = await select([[a, 9]], { timeout: 10 })
  await taker
  await a.receive()
  return [found, await a.receive()]
}
way.alone = async (a, b) => {
  later(async () => { await a.send(1); await b.send(2) })
  const found = await select([a, b])
  await sleep(0.001)
  return [found, await b.receive()]
}
way.late = (a, b) => select([a, b], { timeout: 0.001 })
way.at_once = (a, b) => select([a, b], { timeout: 0 })
way.in_time = (a, b) => { later(() => b.send(2)); return select([a, b], { timeout: 10 }) }
way.sends_closed = (a, b) => { b.close(); return select([a, [b, 1]]) }
way.none = () => select([])
way.odd = a => select([a, "b"])
module.exports = way
