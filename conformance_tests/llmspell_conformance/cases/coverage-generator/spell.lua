local each = function()
  coroutine.yield(1)
  coroutine.yield(2)
  coroutine.yield(3)
end
local take = coroutine.wrap(each)
take()
return take()
