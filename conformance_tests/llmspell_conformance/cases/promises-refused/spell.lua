local one, token = function() return 1 end, promise.token()
local ways = {
  all = {promise.all}, race = {promise.race, 5}, map = {promise.map, 5, one}, by = {promise.map, {}, 5},
  width = {promise.map, {}, one, {max_concurrent = 0}}, spawn = {promise.spawn}, async = {promise.async, 5},
  before = {promise.timeout, 1, -1}, text = {promise.timeout, 1, "1"},
  listener = {token.on_cancel, token, 5}, run = {token.run, token, 5},
  new = {promise.new}, await = {promise.await, 1, -1},
}
local ok, e = pcall(table.unpack(ways[params.how]))
return {e.kind, e.message}
