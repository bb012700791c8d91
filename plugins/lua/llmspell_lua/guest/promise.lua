-- The module `promise`: ECMAScript's promises, and `await` that works wherever Lua can wait.
local core = ...
local type, next, error, select, setmetatable, metaof = type, next, error, select, setmetatable, debug.getmetatable
local pcall = core.pcall or pcall

local records = setmetatable({}, { __mode = "k" }) -- what a promise is inside
local methods = {}
local PROMISE = { __index = methods, __metatable = "promise", __name = "promise" }
core.uncrossable[PROMISE] = "a promise cannot cross the border; await it first"
core.special[PROMISE] = core.write_fault

function PROMISE.__newindex()
  error("a promise is read-only", 2)
end

local unhandled = {}

local function new()
  local promise = setmetatable({}, PROMISE)
  local record = { state = "pending", reactions = {}, promise = promise }
  records[promise] = record
  return promise, record
end

local function settle(record, state, value)
  if record.state ~= "pending" then
    return
  end
  record.state, record.value = state, value
  if state == "rejected" and not record.handled then
    unhandled[#unhandled + 1] = record
  end
  local reactions = record.reactions
  record.reactions = nil
  for i = 1, #reactions do
    core.defer(reactions[i])
  end
end

-- Calls `job()` in its turn once the promise is settled.
local function react(record, job)
  record.handled = true
  if record.state == "pending" then
    record.reactions[#record.reactions + 1] = job
  else
    core.defer(job)
  end
end

local function reject(record, reason)
  settle(record, "rejected", reason)
end

local function resolve(record, value)
  local inner = records[value]
  if not inner then
    return settle(record, "fulfilled", value)
  elseif inner == record then
    return reject(record, core.error_value({ kind = "runtime", message = "a promise cannot wait for itself" }))
  end
  core.defer(function()
    react(inner, function()
      if inner.state == "fulfilled" then
        resolve(record, inner.value)
      else
        reject(record, inner.value)
      end
    end)
  end)
end

-- What ends a task whose outcome is a promise's.
local function outcome_of(record)
  return function(task, ok, value)
    if ok then
      return resolve(record, value)
    end
    record.failed = task.co
    reject(record, value)
  end
end

function core.fail_unhandled()
  local list = unhandled
  unhandled = {}
  for i = 1, #list do
    if not list[i].handled then
      return core.fail(list[i].value, list[i].failed)
    end
  end
end

local function callable(f)
  if type(f) == "function" then
    return true
  end
  local meta = type(f) == "table" and metaof(f)
  return meta and meta.__call ~= nil
end

local function expect_function(f, name)
  if not callable(f) then
    error(name .. " takes a function, not a " .. type(f), 3)
  end
end

local function record_of(promise, name)
  return records[promise] or error(name .. " takes a promise, not a " .. type(promise), 3)
end

local function as_record(value)
  if records[value] then
    return records[value]
  end
  local _, record = new()
  settle(record, "fulfilled", value)
  return record
end

-- The module -------------------------------------------------------------------------------------------------------

local promise = {}

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
  local fail = once(reject)
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
  reject(record, reason)
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
  return core.error_value({ kind = "timeout", message = message, data = { seconds = seconds } })
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
    core.raise_here(late)
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

-- Waiting for many -------------------------------------------------------------------------------------------------

-- Makes a promise of a list's promises: `each(i, state, value)` is called as they settle, `done()` after the last.
local function gather(items, name, each, done)
  if type(items) ~= "table" then
    error(name .. " takes a list of promises, not a " .. type(items), 3)
  end
  local left = #items
  if left == 0 then
    return done()
  end
  for i = 1, #items do
    local inner = as_record(items[i])
    react(inner, function()
      each(i, inner.state, inner.value)
      left = left - 1
      if left == 0 then
        done()
      end
    end)
  end
end

local function or_null(value)
  if value == nil then
    return core.NULL
  end
  return value
end

function promise.all(items)
  local made, record = new()
  local values = core.list({})
  gather(items, "promise.all", function(i, state, value)
    values[i] = or_null(value)
    if state == "rejected" then
      reject(record, value)
    end
  end, function()
    settle(record, "fulfilled", values)
  end)
  return made
end

function promise.all_settled(items)
  local made, record = new()
  local outcomes = core.list({})
  gather(items, "promise.all_settled", function(i, state, value)
    outcomes[i] = { status = state, [state == "fulfilled" and "value" or "reason"] = value }
  end, function()
    settle(record, "fulfilled", outcomes)
  end)
  return made
end

function promise.race(items)
  local made, record = new()
  gather(items, "promise.race", function(_, state, value)
    settle(record, state, value)
  end, function() end)
  return made
end

function promise.any(items)
  local made, record = new()
  local reasons = core.list({})
  gather(items, "promise.any", function(i, state, value)
    reasons[i] = or_null(value)
    if state == "fulfilled" then
      settle(record, state, value)
    end
  end, function()
    reject(record, core.error_value({ kind = "aggregate", message = "all promises were rejected", data = reasons }))
  end)
  return made
end

function promise.map(items, f, options)
  expect_function(f, "promise.map")
  local made, record = new()
  local results, count, started, ended = core.list({}), #items, 0, 0
  local start
  local function item_ended(i)
    return function(task, ok, value)
      if not ok then
        record.failed = record.failed or task.co
        started = count
        return reject(record, value)
      end
      results[i] = or_null(value)
      ended = ended + 1
      if ended == count then
        return settle(record, "fulfilled", results)
      end
      start()
    end
  end
  function start()
    if started < count then
      started = started + 1
      core.start_later(item_ended(started), f, items[started], started)
    end
  end
  for _ = 1, math.min(count, options and options.max_concurrent or count) do
    start()
  end
  if count == 0 then
    settle(record, "fulfilled", results)
  end
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

return promise
