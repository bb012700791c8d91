-- expect: limit | group: memory | holds: waiting coroutines without end fill the memory allowed, no more
local all = {}
while true do
  local co = coroutine.create(function() coroutine.yield() end)
  coroutine.resume(co)
  all[#all + 1] = co
end
