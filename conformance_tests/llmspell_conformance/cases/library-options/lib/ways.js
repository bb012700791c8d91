const one = () => 1, x = { x: 1 }
const ways = {
  retry: () => errors.retry(one, x), breaker: () => errors.circuitBreaker(one, x),
  create: () => errors.create("m", x), register: () => errors.registerCategory("c", ["k"], x),
  map: () => promise.map([], one, x), select: () => channel.select([channel.new()], x),
  sort: () => data.sortBy([], one, x), none: () => errors.retry(one, null), number: () => errors.retry(one, 5),
  nothing: async () => {
    const ready = channel.new(1)
    await ready.send("pending")
    return [
      await errors.retry(one, { attempts: null, strategy: null, jitter: null, retryOn: null }),
      await errors.circuitBreaker(one, { threshold: null })(), data.sortBy([1, 2], (x) => x, { descending: null }),
      (await promise.map([1], one, { maxConcurrent: null })).length, json.encode([1], { pretty: null }),
      (await channel.select([ready], { timeout: null })).value,
    ]
  },
}
module.exports = ways
