local function loop() while true do pcall(error) end end
local function chain() return promise.resolve():and_then(chain) end
local ways = {
  coroutine = coroutine.wrap(loop), task = function() promise.spawn(loop):await() end, chain = chain,
  property = function() return setmetatable({}, {__index = loop}).x end,
  error = function() error(setmetatable({}, {__tostring = loop})) end,
  sort = function() table.sort({2, 1}, loop) end,
  callback = function() probe.call(loop) end,
}
ways[params.how]()
