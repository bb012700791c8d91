const one = () => 1, x = { x: 1 }
const ways = {
  retry: () => errors.retry(one, x), breaker: () => errors.circuitBreaker(one, x),
  create: () => errors.create("m", x), register: () => errors.registerCategory("c", ["k"], x),
  map: () => promise.map([], one, x), select: () => channel.select([channel.new()], x),
  sort: () => data.sortBy([], one, x), none: () => errors.retry(one, null), number: () => errors.retry(one, 5),
}
return await ways[params.how]()
