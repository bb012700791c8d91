local way = {}
local function or_nothing(x) if x == nil then return "nothing" end return x end
function way.sender(see)
  local ch = channel.new()
  promise.spawn(function() see("sending") ch:send(1) see("sent") end)
  sleep(0)
  see("taken " .. ch:receive())
end
function way.taker(see)
  local ch = channel.new()
  promise.spawn(function() see("waiting") see("got " .. ch:receive()) end)
  sleep(0)
  ch:send(1)
  see("sent")
end
function way.room(see)
  local ch = channel.new(2)
  for i = 1, 2 do ch:send(i) see("sent") end
  see(ch:len())
end
function way.queue(see)
  local ch = channel.new()
  for i = 1, 3 do promise.spawn(ch.send, ch, i) end
  sleep(0)
  for _ = 1, 3 do see(ch:receive()) end
end
function way.takers(see)
  local ch = channel.new()
  for _, name in ipairs({"a", "b"}) do promise.spawn(function() see(name .. ch:receive()) end) end
  sleep(0)
  ch:send(1)
  ch:send(2)
end
function way.drained(see)
  local ch = channel.new(2)
  ch:send(1)
  ch:send(2)
  ch:close()
  for _ = 1, 4 do see(or_nothing(ch:receive())) end
end
local function kind_of(f, ...) local _, problem = pcall(f, ...) return problem.kind end
function way.closed(see)
  local ch = channel.new(1)
  ch:close()
  see(kind_of(ch.send, ch, 1))
end
function way.closed_sender(see)
  local ch = channel.new()
  promise.spawn(function() see(kind_of(ch.send, ch, 1)) end)
  sleep(0)
  ch:close()
end
function way.closed_taker(see)
  local ch = channel.new()
  promise.spawn(function() see(or_nothing(ch:receive())) end)
  sleep(0)
  ch:close()
end
function way.twice(see)
  local ch = channel.new()
  ch:close()
  ch:close()
  see(ch:closed())
end
function way.values(see)
  local ch, values = channel.new(9), {false, 0, "", {1}, {a = 1}}
  for i = 1, 5 do ch:send(values[i]) end
  for _ = 1, 5 do see(ch:receive()) end
end
function way.length(see)
  local ch = channel.new(2)
  see(ch:len())
  ch:send(1) see(ch:len())
  ch:send(2) see(ch:len())
  ch:receive() see(ch:len())
end
function way.stopped(see)
  local ch, t = channel.new(), promise.token()
  t:run(function() ch:send(1) end)
  promise.spawn(function() ch:send(2) end)
  sleep(0)
  t:cancel()
  see(ch:receive())
end
return way
