local function take() local held = {} while true do held[#held + 1] = string.rep("x", 10000) .. #held end end
local ways = {
  caught = function() pcall(take) end,
  twice = function() pcall(pcall, take) end,
  task = function() pcall(promise.await, promise.spawn(take)) end,
  callback = function() pcall(probe.call, take) end,
}
ways[params.how]()
probe.echo()
return "went on"
