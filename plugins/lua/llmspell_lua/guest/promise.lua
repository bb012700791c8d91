-- The module `promise`: ECMAScript's promises, and `await` that works wherever Lua can wait.
local core = ...
local type, next, error = type, next, error
local pcall = core.pcall
local inside = core.settling
local records, methods, as_record = inside.records, inside.methods, inside.as_record
local new, settle, resolve, reject, react, outcome_of =
  inside.new, inside.settle, inside.resolve, inside.reject, inside.react, inside.outcome_of
local callable, expect_function = inside.callable, inside.expect_function

local function record_of(promise, name)
  return records[promise] or error(name .. " takes a promise, not a " .. type(promise), 3)
end

-- The module -------------------------------------------------------------------------------------------------------

local promise = {}

local function reject_in_own_words(record, reason)
  reject(record, core.own_words(reason))
end

function promise.new(executor)
  expect_function(executor, "promise.new")
  local made, record = new()
  local called = false
  local function once(act)
    return function(value)
      if not called then
        called = true
        act(record, value)
      end
    end
  end
  local fail = once(reject_in_own_words)
  local ok, problem = pcall(executor, once(resolve), fail)
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
  reject_in_own_words(record, reason)
  return made
end

function promise.spawn(f, ...)
  expect_function(f, "promise.spawn")
  local made, record = new()
  record.task = core.start_later(outcome_of(record), f, ...)
  return made
end

function promise.async(f)
  expect_function(f, "promise.async")
  return function(...)
    return promise.spawn(f, ...)
  end
end

-- Stops the task that a promise stands for, and its call.
local function stop(record, reason)
  record.handled = true
  if record.task then
    core.kill(record.task)
    reject(record, reason)
  end
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
  local inner = record_of(self, "and_then")
  local made, record = new()
  react(inner, function()
    local f = on_error
    if inner.state == "fulfilled" then
      f = on_value
    end
    if callable(f) then
      core.start(outcome_of(record), f, inner.value)
    else
      record.failed = inner.failed
      settle(record, inner.state, inner.value)
    end
  end)
  return made
end

function methods:on_error(f)
  return methods.and_then(self, nil, f)
end

function methods:on_finally(f)
  expect_function(f, "on_finally")
  local inner = record_of(self, "on_finally")
  local function after()
    local result = f()
    if records[result] then
      await(result)
    end
  end
  return methods.and_then(self, function(value)
    after()
    return value
  end, function()
    after()
    error(inner.value, 0)
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
