-- What a promise is inside: its state, and the jobs that wait for it.
local core = ...
local type, error, setmetatable, metaof = type, error, setmetatable, debug.getmetatable

local records = setmetatable({}, { __mode = "k" }) -- by the promise that the spell holds
local methods = {}
local PROMISE = { __index = methods, __metatable = "promise", __name = "promise", __tostring = core.label }
core.uncrossable[PROMISE] = "a promise cannot cross the border; await it first"
core.special[PROMISE] = function()
  core.writer.fault()
end

function PROMISE.__newindex()
  error("a promise is read-only", 2)
end

local unhandled = {}

local function new()
  local promise = setmetatable({}, PROMISE)
  local record = { state = "pending", reactions = {} }
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
    return reject(record, core.errors.value({ kind = "runtime", message = "a promise cannot wait for itself" }))
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
      return core.fail_by_itself(list[i].value, list[i].failed)
    end
  end
end

-- Returns the inside of a promise, or of a new one that is fulfilled with the value.
local function as_record(value)
  if records[value] then
    return records[value]
  end
  local _, record = new()
  settle(record, "fulfilled", value)
  return record
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

return {
  callable = callable,
  expect_function = expect_function,
  records = records,
  methods = methods,
  new = new,
  settle = settle,
  resolve = resolve,
  reject = reject,
  react = react,
  outcome_of = outcome_of,
  as_record = as_record,
}
