local way = {}
way.try = function(strike, none) return errors.try(strike, none, none) end
way.fallback = function(strike, none) return errors.fallback(strike, none) end
way.safe = function(strike) return errors.safe(strike, "caught") end
way.retry = function(strike) return errors.retry(strike, {delay = 0, retry_on = "*"}) end
way.timeout = function(strike) return errors.safe(function() return errors.timeout(strike, 5) end, "caught") end
way.breaker = function(strike) return errors.safe(errors.circuit_breaker(strike), "caught") end
way.listener = function(strike, none)
  errors.on_error("*", none)
  return errors.safe(strike, "caught")
end
way.all_settled = function(strike) return promise.all_settled({promise.spawn(strike)}):await() end
way.on_error = function(strike, none) return promise.spawn(strike):on_error(none):await() end
way.data = function(strike) return errors.safe(function() return data.map({1}, strike) end, "caught") end
way.channel = function(strike)
  local ch = channel.new()
  promise.spawn(function() errors.safe(strike) ch:send("caught") end)
  return ch:receive()
end
return way
