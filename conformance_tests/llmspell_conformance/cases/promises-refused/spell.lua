local one, token = function() return 1 end, promise.token()
local ways = {
  all = function() promise.all() end, race = function() promise.race(5) end, map = function() promise.map(5, one) end,
  by = function() promise.map({}, 5) end, width = function() promise.map({}, one, {max_concurrent = 0}) end,
  spawn = function() promise.spawn() end, async = function() promise.async(5) end,
  before = function() promise.timeout(1, -1) end, text = function() promise.timeout(1, "1") end,
  listener = function() token:on_cancel(5) end, run = function() token:run(5) end,
}
if params.how == "width" or params.how == "listener" or params.how == "run" then ways[params.how]() end
local ok, e = pcall(ways[params.how])
return {e.kind, e.message}
