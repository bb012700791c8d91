-- Promises of many promises: all, all_settled, race, any, map.
local core = ...
local type, next = type, next
local inside = core.settling
local new, settle, reject, react, as_record = inside.new, inside.settle, inside.reject, inside.react, inside.as_record
local gathering = {}

-- A list here may begin with nothing: what a function answered need be no promise.
local function expect_list(items, name)
  local is_list = inside.is_plain(items) and (#items > 0 or next(items) == nil)
  inside.expect(is_list, name, "a list", items)
end

-- Settles a promise by a list's: `each(i, state, value)` is called as they settle, `done()` after the last.
local function gather(record, items, name, each, done)
  expect_list(items, name)
  local left = #items
  if left == 0 then
    return done()
  end
  record.parts = {}
  for i = 1, #items do
    local inner = as_record(items[i])
    record.parts[i] = inner
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

function gathering.all(items)
  local made, record = new()
  local values = core.list({})
  gather(record, items, "promise.all", function(i, state, value)
    values[i] = or_null(value)
    if state == "rejected" then
      reject(record, value)
    end
  end, function()
    settle(record, "fulfilled", values)
  end)
  return made
end

function gathering.all_settled(items)
  local made, record = new()
  local outcomes = core.list({})
  gather(record, items, "promise.all_settled", function(i, state, value)
    outcomes[i] = { status = state, [state == "fulfilled" and "value" or "reason"] = value }
  end, function()
    settle(record, "fulfilled", outcomes)
  end)
  return made
end

function gathering.race(items)
  local made, record = new()
  gather(record, items, "promise.race", function(_, state, value)
    settle(record, state, value)
  end, function() end)
  return made
end

function gathering.any(items)
  local made, record = new()
  local reasons = core.list({})
  gather(record, items, "promise.any", function(i, state, value)
    reasons[i] = or_null(value)
    if state == "fulfilled" then
      settle(record, state, value)
    end
  end, function()
    reject(record, core.errors.value({ kind = "aggregate", message = "all promises were rejected", data = reasons }))
  end)
  return made
end

function gathering.map(items, f, options)
  inside.expect_function(f, "promise.map")
  expect_list(items, "promise.map")
  local width = inside.take_options(options, "promise.map", "max_concurrent").max_concurrent
  if width ~= nil and (type(width) ~= "number" or not (width >= 1)) then
    core.errors.raise("argument", "promise.map takes a max_concurrent of 1 or more")
  end
  local made, record = new()
  local results, count, started, left = core.list({}), #items, 0, 0
  local function work()
    while started < count do
      started = started + 1
      local i = started
      results[i] = or_null((f(items[i], i)))
    end
  end
  local function work_ended(task, ok, problem)
    left = left - 1
    if not ok then
      record.failed = record.failed or task.co
      record.handled = record.handled or core.is_stopped(task.scope)
      started = count
      reject(record, problem)
    elseif left == 0 then
      settle(record, "fulfilled", results)
    end
  end
  record.scope = core.new_scope()
  left = math.min(count, width or count)
  for _ = 1, left do
    core.start_later(record.scope, work_ended, f, work)
  end
  if count == 0 then
    settle(record, "fulfilled", results)
  end
  return made
end

return gathering
