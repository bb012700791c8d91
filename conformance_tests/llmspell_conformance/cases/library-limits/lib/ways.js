const way = {}
way.try = (strike, none) => errors.try(strike, none, none)
way.fallback = (strike, none) => errors.fallback(strike, none)
way.safe = strike => errors.safe(strike, "caught")
way.retry = strike => errors.retry(strike, { delay: 0, retryOn: "*" })
way.timeout = strike => errors.safe(() => errors.timeout(strike, 5), "caught")
way.breaker = strike => errors.safe(errors.circuitBreaker(strike), "caught")
way.listener = (strike, none) => {
  errors.onError("*", none)
  return errors.safe(strike, "caught")
}
way.all_settled = strike => promise.allSettled([promise.spawn(strike)])
way.on_error = (strike, none) => promise.spawn(strike).catch(none)
way.data = strike => errors.safe(() => data.map([1], strike), "caught")
way.channel = strike => {
  const ch = channel.new()
  promise.spawn(async () => { await errors.safe(strike); await ch.send("caught") })
  return ch.receive()
}
module.exports = way
