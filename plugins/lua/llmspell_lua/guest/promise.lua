-- The module `promise`: ECMAScript's promises, and `await` that works wherever Lua can wait.
local core = ...
local type, next, error = type, next, error
local pcall = core.pcall
local inside = core.settling
local records, methods, as_record = inside.records, inside.methods, inside.as_record
local new, settle, resolve, reject, react, outcome_of =
  inside.new, inside.settle, inside.resolve, inside.reject, inside.react, inside.outcome_of
local callable, expect_function, expect_seconds = inside.callable, inside.expect_function, inside.expect_seconds
local act, settlers, stop = inside.act, inside.settlers, inside.stop

local function record_of(promise, name)
  return records[promise] or inside.expect(false, name, "a promise", promise)
end

-- The module -------------------------------------------------------------------------------------------------------

local promise = {}

function promise.new(executor)
  expect_function(executor, "promise.new")
  local made, record = new()
  local fulfil, fail = settlers(record)
  local ok, problem = pcall(executor, fulfil, fail)
  if not ok then
    fail(problem)
  end
  return made
end

function promise.resolve(value)
  if records[value] then
    return value
  end
  local made, record = new()
  resolve(record, value)
  return made
end

function promise.reject(reason)
  local made, record = new()
  reject(record, core.own_words(reason))
  return made
end

function promise.spawn(f, ...)
  expect_function(f, "promise.spawn")
  local made, record = new()
  record.scope = core.new_scope()
  core.start_later(record.scope, outcome_of(record), f, act, f, ...)
  return made
end

function promise.async(f)
  expect_function(f, "promise.async")
  return function(...)
    return promise.spawn(f, ...)
  end
end

function promise.token()
  return core["library/token"]()
end

local function timed_out(seconds)
  local message = string.format("no result within %.14g seconds", seconds)
  return core.errors.value({ kind = "timeout", message = message, data = { seconds = seconds } })
end

-- Calls `on_time()` unless the promise is settled before.
local function watch(record, seconds, on_time)
  local timer = core.call_later(function(ok)
    if ok and record.state == "pending" then
      on_time()
    end
  end, '"host"', '"sleep"', seconds)
  react(record, function()
    core.cancel_call(timer)
  end)
  return timer
end

local function await(value, seconds)
  if seconds ~= nil then
    expect_seconds(seconds, "promise.await")
  end
  local record, task = as_record(value), core.current()
  local waits, late = true, nil
  local function wake()
    if waits then
      waits = false
      core.wake(task, true)
    end
  end
  local timer = seconds and record.state == "pending" and core.yieldable()
    and watch(record, seconds, function()
      late = timed_out(seconds)
      stop(record, late)
      wake()
    end)
  react(record, wake)
  core.suspend("promise.await", function()
    waits = false
    if timer then
      core.cancel_call(timer)
    end
  end)
  if late then
    core.errors.raise_here(late)
  elseif record.state == "rejected" then
    error(record.value, 0)
  end
  return record.value
end

function promise.await(value, seconds)
  return await(value, seconds)
end

function promise.timeout(value, seconds)
  expect_seconds(seconds, "promise.timeout")
  local inner = as_record(value)
  local made, record = new()
  watch(inner, seconds, function()
    local late = timed_out(seconds)
    reject(record, late)
    stop(inner, late)
  end)
  react(inner, function()
    settle(record, inner.state, inner.value)
  end)
  return made
end

-- Methods ----------------------------------------------------------------------------------------------------------

function methods:and_then(on_value, on_error)
  local inner, scope = record_of(self, "and_then"), core.scope()
  local made, record = new()
  react(inner, function()
    local f = on_error
    if inner.state == "fulfilled" then
      f = on_value
    end
    if not callable(f) then
      record.failed = inner.failed
      settle(record, inner.state, inner.value)
    elseif not core.is_stopped(scope) then
      core.start_in(scope, outcome_of(record), f, act, f, inner.value)
    end
  end)
  return made
end

function methods:on_error(f)
  return methods.and_then(self, nil, f)
end

function methods:on_finally(f)
  expect_function(f, "on_finally")
  record_of(self, "on_finally")
  return methods.and_then(self, function(value)
    return methods.and_then(promise.resolve(f()), function()
      return value
    end)
  end, function(problem)
    return methods.and_then(promise.resolve(f()), function()
      error(problem, 0)
    end)
  end)
end

function methods:await(seconds)
  record_of(self, "await")
  return await(self, seconds)
end

for name, names in next, { and_then = { "andThen", "next" }, on_error = { "onError", "catch" }, on_finally = { "onFinally", "finally" } } do
  for _, alias in next, names do
    methods[alias] = methods[name]
  end
end

for name, f in next, core.gathering do
  promise[name] = f
end

return promise
