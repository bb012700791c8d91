local one, x = function() return 1 end, {x = 1}
local ways = {
  retry = function() errors.retry(one, x) end, breaker = function() errors.circuit_breaker(one, x) end,
  create = function() errors.create("m", x) end, register = function() errors.register_category("c", {"k"}, x) end,
  map = function() promise.map({}, one, x) end, select = function() channel.select{channel.new(), x = 1} end,
  sort = function() data.sort_by({}, one, x) end, none = function() return errors.retry(one, null) end,
  number = function() errors.retry(one, 5) end,
  nothing = function()
    local ready = channel.new(1)
    ready:send("pending")
    return {
      errors.retry(one, {attempts = null, strategy = null, jitter = null, retry_on = null}),
      errors.circuit_breaker(one, {threshold = null})(), data.sort_by({1, 2}, function(x) return x end, {descending = null}),
      #promise.map({1}, one, {max_concurrent = null}):await(), json.encode({1}, {pretty = null}),
      channel.select{ready, timeout = null}.value,
    }
  end,
}
return ways
