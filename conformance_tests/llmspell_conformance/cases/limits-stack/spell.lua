local function dive(n) return n == 0 and 1 or 1 + dive(n - 1) end
local function levels(n) xpcall(levels, levels, n + 1) return 1 + levels(n) end
local ways = {
  dive = function() dive(-1) end, few = function() return dive(50) end, levels = function() levels(0) end,
  caught = function() pcall(dive, -1) end, task = function() pcall(promise.await, promise.spawn(dive, -1)) end,
  callback = function() pcall(probe.call, function() dive(-1) end) end,
}
local value = ways[params.how]()
probe.echo()
return value
