local way, select = {}, channel.select
local function later(f, ...) promise.spawn(function(...) sleep(0) f(...) end, ...) end
function way.full(a, b) b:send(2) return select{a, b} end
function way.several(a, b) b:send(2) a:send(1) return select{a, b} end
function way.later(a, b) later(b.send, b, 2) return select{a, b} end
function way.closed(a, b) b:close() return select{a, b} end
function way.closed_later(a, b) later(a.close, a) return select{a, b} end
function way.sends(a, b)
  local found = select{a, {b, 9}}
  return found, b:receive()
end
function way.alone(a, b)
  later(function() a:send(1) b:send(2) end)
  local found = select{a, b}
  sleep(0.001)
  return found, b:receive()
end
function way.late(a, b) return select{a, b, timeout = 0.001} end
function way.at_once(a, b) return select{a, b, timeout = 0} end
function way.in_time(a, b) later(b.send, b, 2) return select{a, b, timeout = 10} end
function way.sends_closed(a, b) b:close() return select{a, {b, 1}} end
function way.none() return select{} end
function way.odd(a) return select{a, "b"} end
function way.sends_later(a)
  a:send(0) a:send(0)
  local taker = promise.spawn(function() sleep(0) a:receive() end)
  local found = select{{a, 9}, timeout = 10}
  taker:await()
  a:receive()
  return found, a:receive()
end
return way
