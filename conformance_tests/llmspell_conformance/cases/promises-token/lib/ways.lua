local way = {}
local function never() probe.never() end
local function told(see, p, field)
  local ok, problem = pcall(p.await, p)
  see(problem.kind)
  if field then see(problem[field]) end
end
local function later(token, reason)
  promise.spawn(function() sleep(0.001) token:cancel(reason or "enough") end)
end
function way.task(see)
  local t = promise.token()
  later(t)
  told(see, t:run(never), "message")
end
function way.watch(see)
  local t = promise.token()
  later(t)
  told(see, t:watch(promise.spawn(never)), "message")
end
function way.inner(see)
  local t = promise.token()
  later(t)
  told(see, t:run(function() promise.spawn(never) never() end), "message")
end
function way.several(see)
  local t = promise.token()
  local a, b = t:run(never), t:run(never)
  later(t)
  told(see, a)
  told(see, b)
end
function way.late(see)
  local t = promise.token()
  t:cancel("enough")
  told(see, t:run(function() see("ran") end), "message")
end
function way.ended(see)
  local t = promise.token()
  local p = t:run(function() return probe.echo(1) end)
  p:await()
  t:cancel()
  see(p:await())
end
function way.listeners(see)
  local t = promise.token()
  t:on_cancel(function(reason) see("a " .. reason) end)
  t:on_cancel(function(reason) see("b " .. reason) end)
  t:cancel("enough")
end
function way.late_listener(see)
  local t = promise.token()
  t:cancel("enough")
  t:on_cancel(see)
end
function way.twice(see)
  local t = promise.token()
  t:on_cancel(see)
  t:cancel("first")
  t:cancel("second")
end
function way.tells(see)
  local t = promise.token()
  see(t:cancelled())
  t:cancel()
  see(t:cancelled())
end
function way.reason(see)
  local t = promise.token()
  later(t, {code = 7})
  told(see, t:run(never), "data")
end
function way.itself(see)
  local t = promise.token()
  told(see, t:run(function() sleep(0) see("before") t:cancel() sleep(0) see("after") end))
end
function way.nobody(see)
  local t = promise.token()
  t:run(never)
  sleep(0)
  t:cancel()
end
function way.others(see)
  local t = promise.token()
  t:run(never)
  local p = promise.spawn(function() sleep(0.002) return probe.echo(1) end)
  later(t)
  see(p:await())
end
function way.after(see)
  local t = promise.token()
  local p = t:run(function() if not pcall(never) then see("caught") end end)
  later(t)
  told(see, p)
  promise.spawn(function() see("inside") end):await()
  see(probe.echo(1))
  see(probe.echo(2))
end
return way
