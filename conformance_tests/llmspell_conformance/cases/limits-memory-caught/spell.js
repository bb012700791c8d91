const held = [], take = () => { for (;;) held.push(new Uint8Array(10000)) }
const ways = {
  caught() { try { take() } catch {} },
  twice() { try { try { take() } finally { return } } catch {} },
  task: () => (async () => take())().catch(() => null),
  callback: () => probe.call(take).catch(() => null),
}
await ways[params.how]()
await probe.echo()
return "went on"
