local way = {}
local function kind_of(f, ...) local _, problem = pcall(f, ...) return problem.kind end
local function fail() error({kind = "odd", message = "m"}) end
function way.debounce(f, out)
  local g = core.debounce(f, 0.002)
  g(1) g(2)
  local a, b = g(3), g(3)
  out(a:await()) out(b:await())
end
function way.debounce_again(f, out)
  local g = core.debounce(f, 0.002)
  out(g(1):await()) out(g(2):await())
end
function way.debounce_fails(_, out) local p = core.debounce(fail, 0)() out(kind_of(p.await, p)) end
function way.throttle(f, out) local g = core.throttle(f, 10) out(g(1)) out(g(2)) end
function way.throttle_again(f, out)
  local g = core.throttle(f, 0.001)
  out(g(1))
  sleep(0.005)
  out(g(2))
end
function way.memoize(f, out) local g = core.memoize(f) out(g(1)) out(g(1)) out(g(2)) end
function way.memoize_kinds(f, out) local g = core.memoize(f) out(g(1)) out(g("1")) end
function way.memoize_deep(_, out)
  local calls = 0
  local g = core.memoize(function() calls = calls + 1 return {} end)
  local same = g({a = {1}}) == g({a = {1}})
  out(calls) out(same)
end
function way.memoize_key(f, out)
  local g = core.memoize(f, function() return "k" end)
  out(g(1)) out(g(2))
end
function way.memoize_nothing(_, out)
  local calls = 0
  local g = core.memoize(function() calls = calls + 1 return calls end)
  out(g(null)) out(g(null)) out(g(1))
end
function way.memoize_tasks(f, out)
  local g = core.memoize(function(x) return f(probe.echo(x)) end)
  local a, b = promise.spawn(g, 1), promise.spawn(g, 1)
  out(a:await()) out(b:await())
end
function way.memoize_fails(_, out)
  local calls = 0
  local g = core.memoize(function() calls = calls + 1 probe.echo() if calls == 1 then fail() end return calls end)
  out(kind_of(g, 1)) out(g(1))
end
function way.memoize_function(_, out) out(kind_of(core.memoize(fail), print)) end
return way
