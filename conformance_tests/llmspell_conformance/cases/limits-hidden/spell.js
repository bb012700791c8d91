const loop = () => { for (;;) try { throw 1 } catch {} }
const chain = () => Promise.resolve().then(chain)
const ways = {
  coroutine: () => [...(function* () { yield loop() })()], task: async () => loop(), chain,
  property: () => ({ get x() { return loop() } }).x,
  error() { throw { message: "m", toString: loop, get cause() { return loop() } } },
  sort: () => [2, 1].sort(loop),
  callback: () => probe.call(loop),
}
await ways[params.how]()
