const way = {}
way.sender = async see => {
  const ch = channel.new()
  promise.spawn(async () => { see("sending"); await ch.send(1); see("sent") })
  await sleep(0)
  see(`taken ${await ch.receive()}`)
}
way.taker = async see => {
  const ch = channel.new()
  promise.spawn(async () => { see("waiting"); see(`got ${await ch.receive()}`) })
  await sleep(0)
  const sent = ch.send(1)
  see("sent")
  await sent
}
way.room = async see => {
  const ch = channel.new(2)
  for (const i of [1, 2]) { await ch.send(i); see("sent") }
  see(ch.len())
}
way.queue = async see => {
  const ch = channel.new()
  for (const i of [1, 2, 3]) promise.spawn(() => ch.send(i))
  await sleep(0)
  for (let i = 0; i < 3; i++) see(await ch.receive())
}
way.takers = async see => {
  const ch = channel.new()
  for (const name of ["a", "b"]) promise.spawn(async () => see(name + await ch.receive()))
  await sleep(0)
  await ch.send(1)
  await ch.send(2)
}
way.drained = async see => {
  const ch = channel.new(2)
  await ch.send(1)
  await ch.send(2)
  ch.close()
  for (let i = 0; i < 4; i++) see(await ch.receive() ?? "nothing")
}
const kindOf = async p => { try { await p } catch (error) { return error.kind } }
way.closed = async see => {
  const ch = channel.new(1)
  ch.close()
  see(await kindOf(ch.send(1)))
}
way.closed_sender = async see => {
  const ch = channel.new()
  promise.spawn(async () => see(await kindOf(ch.send(1))))
  await sleep(0)
  ch.close()
}
way.closed_taker = async see => {
  const ch = channel.new()
  promise.spawn(async () => see(await ch.receive() ?? "nothing"))
  await sleep(0)
  ch.close()
}
way.twice = see => {
  const ch = channel.new()
  ch.close()
  ch.close()
  see(ch.closed())
}
way.values = async see => {
  const ch = channel.new(9), values = [false, 0, "", [1], { a: 1 }]
  for (const value of values) await ch.send(value)
  for (const _ of values) see(await ch.receive())
}
way.length = async see => {
  const ch = channel.new(2)
  see(ch.len())
  await ch.send(1); see(ch.len())
  await ch.send(2); see(ch.len())
  await ch.receive(); see(ch.len())
}
way.stopped = async see => {
  const ch = channel.new(), t = promise.token()
  t.run(() => ch.send(1))
  promise.spawn(() => ch.send(2))
  await sleep(0)
  t.cancel()
  see(await ch.receive())
}
module.exports = way
