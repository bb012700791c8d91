local way = {}
local function never() probe.never() end
local function timeout(f) return promise.timeout(promise.spawn(f), 0.01):await() end
function way.task() timeout(never) end
function way.tasks() timeout(function() promise.all({promise.spawn(never), promise.spawn(never)}):await() end) end
function way.errors() errors.timeout(never, 0.01) end
function way.await() promise.spawn(never):await(0.01) end
function way.all() promise.all({promise.spawn(never), promise.spawn(never)}):await(0.01) end
function way.map() promise.map({1, 2}, never):await(0.01) end
function way.cleanup(see)
  timeout(function() pcall(never) see("caught") end)
end
function way.later() timeout(function() sleep(0.015) probe.echo("later") end) end
function way.handler(see)
  timeout(function() promise.spawn(never):on_finally(function() see("called") end):await() end)
end
function way.inner(see)
  errors.timeout(function()
    local ok, problem = pcall(errors.timeout, never, 0.01)
    see(problem.kind)
    see(probe.echo("outer"))
  end, 10)
end
function way.other(see)
  local other = promise.spawn(function() sleep(0.012) see(probe.echo("other")) end)
  local ok, problem = pcall(errors.timeout, never, 0.01)
  other:await()
  error(problem, 0)
end
function way.woken(see)
  local ch = channel.new()
  local taker = promise.spawn(function()
    local x = ch:receive()
    sleep(0.005)
    see(probe.echo(x))
  end)
  local ok, problem = pcall(errors.timeout, function() ch:send(1) probe.never() end, 0.002)
  taker:await()
  error(problem, 0)
end
function way.fast(see) see(errors.timeout(function() return probe.echo(1) end, 10)) end
function way.raises() errors.timeout(function() error({kind = "odd", message = "m"}) end, 10) end
function way.elsewhere(see)
  local p = promise.spawn(never)
  local other = promise.spawn(function()
    local _, problem = pcall(p.await, p)
    see(problem.kind)
  end)
  local _, problem = pcall(promise.await, promise.timeout(p, 0.01))
  other:await()
  error(problem, 0)
end
return way
