-- What a promise is inside: its state, and the jobs that wait for it.
local core = ...
local type, error, tostring, setmetatable, metaof, pcall =
  type, error, tostring, setmetatable, debug.getmetatable, core.pcall

local records = setmetatable({}, { __mode = "k" }) -- by the promise that the spell holds
local methods = {}
local PROMISE = { __index = methods, __metatable = "promise", __name = "promise", __tostring = core.label }
core.uncrossable[PROMISE] = "a promise cannot cross the border; await it first"
core.special[PROMISE] = function()
  core.writer.fault()
end

-- What is promised has items, a promise has none.
local function refuse_items()
  core.errors.raise("runtime", "a promise has no items; await it first, as in promise:await()")
end

PROMISE.__len = refuse_items
setmetatable(methods, {
  __index = function(_, key)
    if type(key) == "number" then
      refuse_items()
    end
  end,
})

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
  record.reactions, record.scope, record.parts = nil, nil, nil
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

local function callable(f)
  if type(f) == "function" then
    return true
  end
  local meta = type(f) == "table" and metaof(f)
  return meta and meta.__call ~= nil
end

-- Tells tables of the spell's own from what stands for something else.
local function is_plain(value)
  return type(value) == "table" and not core.locked[value] and not core.special[metaof(value)]
end

-- Returns the `and_then` of a table that has one, which makes it a promise of the spell's own: it is followed.
-- Reading the field may run code of the spell's.
local function follower_of(value)
  if not is_plain(value) then
    return nil
  end
  local follower = value.and_then
  return callable(follower) and follower or nil
end

local resolve

-- Returns functions that settle a promise, of which only the first call counts.
local function settlers(record)
  local called = false
  local function once(act)
    return function(value)
      if not called then
        called = true
        act(record, value)
      end
    end
  end
  return once(resolve), once(function(_, reason)
    reject(record, core.own_words(reason))
  end)
end

-- Has a promise follow what is none of ours, in a task of its own.
local function follow(record, value, follower)
  local scope = core.scope()
  core.defer(function()
    if core.is_stopped(scope) then
      return
    end
    local fulfil, fail = settlers(record)
    core.start_in(scope, function(task, ok, problem)
      if not ok then
        record.failed = task.co
        fail(problem)
      end
    end, follower, follower, value, fulfil, fail)
  end)
end

local function adopt(record, inner)
  if inner == record then
    return reject(record, core.errors.value({ kind = "runtime", message = "a promise cannot wait for itself" }))
  end
  core.defer(function()
    react(inner, function()
      record.failed = inner.failed
      settle(record, inner.state, inner.value)
    end)
  end)
end

-- Resolves a promise with a value whose follower is known.
local function resolve_as(record, value, follower)
  if records[value] then
    adopt(record, records[value])
  elseif follower then
    follow(record, value, follower)
  else
    settle(record, "fulfilled", value)
  end
end

function resolve(record, value)
  if type(value) ~= "table" then
    return settle(record, "fulfilled", value)
  end
  local ok, follower = pcall(follower_of, value)
  if not ok then
    return reject(record, follower)
  end
  resolve_as(record, value, follower)
end

local function with_follower(value)
  return value, follower_of(value)
end

-- Calls a function of the spell's in a task; what its result is followed by is found out there, too.
local function act(f, ...)
  return with_follower(f(...))
end

-- What ends a task whose outcome is a promise's.
local function outcome_of(record)
  return function(task, ok, value, follower)
    if ok then
      return resolve_as(record, value, follower)
    end
    record.failed = task.co
    record.handled = record.handled or core.is_stopped(task.scope)
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

-- Returns the inside of a promise, or of a new one that is resolved with the value.
local function as_record(value)
  if records[value] then
    return records[value]
  end
  local _, record = new()
  resolve(record, value)
  return record
end

local function expect(holds, name, wanted, value)
  if not holds then
    local got = (value == nil or value == core.NULL) and "nothing" or "a " .. type(value)
    core.errors.raise("argument", name .. " takes " .. wanted .. ", not " .. got)
  end
end

local function expect_function(f, name)
  expect(callable(f), name, "a function", f)
end

local function expect_seconds(seconds, name)
  local wanted = "seconds, a number of 0 or more"
  expect(type(seconds) == "number", name, wanted, seconds)
  if not (seconds >= 0) then
    core.errors.raise("argument", name .. " takes " .. wanted .. ", not " .. core.text.number_name(seconds))
  end
end

-- Returns the options given, of which only those named in `known` may be there: misspelled ones are no options.
-- One that is null is left out, as it is where a bridge takes it.
local function take_options(given, name, known)
  if given == nil or given == core.NULL then
    return {}
  end
  expect(is_plain(given), name, "options", given)
  local told = {}
  for key, value in core.pairs(given) do
    if not string.find(" " .. known .. " ", " " .. core.tostring(key) .. " ", 1, true) then
      local have = string.gsub(known, " ", ", ")
      core.errors.raise("argument", name .. " has no option '" .. core.tostring(key) .. "'; there are " .. have)
    elseif value ~= core.NULL then
      told[key] = value
    end
  end
  return told
end

-- Stops what a promise waits for, and its calls; it is rejected with the reason.
local function stop(record, reason)
  record.handled = true
  if record.state ~= "pending" then
    return
  end
  local scope, parts = record.scope, record.parts or {}
  reject(record, reason)
  if scope then
    core.stopping.stop(scope, reason)
  end
  for i = 1, #parts do
    stop(parts[i], reason)
  end
end

return {
  act = act,
  callable = callable,
  expect = expect,
  is_plain = is_plain,
  expect_function = expect_function,
  expect_seconds = expect_seconds,
  records = records,
  methods = methods,
  new = new,
  settle = settle,
  settlers = settlers,
  resolve = resolve,
  reject = reject,
  react = react,
  outcome_of = outcome_of,
  as_record = as_record,
  stop = stop,
  take_options = take_options,
}
