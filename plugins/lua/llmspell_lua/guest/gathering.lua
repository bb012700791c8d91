-- Promises of many promises: all, all_settled, race, any, map.
local core = ...
local type, error = type, error
local inside = core.settling
local new, settle, reject, react, as_record = inside.new, inside.settle, inside.reject, inside.react, inside.as_record
local gathering = {}

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

function gathering.all(items)
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

function gathering.all_settled(items)
  local made, record = new()
  local outcomes = core.list({})
  gather(items, "promise.all_settled", function(i, state, value)
    outcomes[i] = { status = state, [state == "fulfilled" and "value" or "reason"] = value }
  end, function()
    settle(record, "fulfilled", outcomes)
  end)
  return made
end

function gathering.race(items)
  local made, record = new()
  gather(items, "promise.race", function(_, state, value)
    settle(record, state, value)
  end, function() end)
  return made
end

function gathering.any(items)
  local made, record = new()
  local reasons = core.list({})
  gather(items, "promise.any", function(i, state, value)
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

return gathering
