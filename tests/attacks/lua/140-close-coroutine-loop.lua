-- expect: limit | group: swallow | holds: closing a coroutine whose variables close for ever ends at the limit
local co = coroutine.create(function()
  local x <close> = setmetatable({}, { __close = function() while true do end end })
  coroutine.yield()
end)
coroutine.resume(co)
while true do pcall(coroutine.close, co) end
