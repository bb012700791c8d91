-- The driver: reads an inbox, runs the spell until every task waits, and writes the outbox.
-- Called once per VM with the limits, the entry file, and names and texts of the guest's and the spell's files.
local instructions, cpu, cpu_name, memory, entry, guest_files = ...
local find, sub, byte, tonumber, next, select = string.find, string.sub, string.byte, tonumber, next, select
local pcall, load = pcall, load

local globals, native, texts = _G, {}, {}
for name, value in next, globals do
  native[name] = value
end
native.python = nil
package.loaded.python = nil
package.loaded._G = native -- where Lua looks for the names of functions in its messages

local core = {
  native = native,
  globals = globals,
  files = {},
  instructions = instructions,
  cpu = cpu,
  cpu_name = cpu_name,
  memory = memory,
  uncrossable = {},
  guest_modules = { promise = true, json = true, time = true },
  now = 0,
}

local made = {}

-- Returns what a file of the guest returns; it is run when first wanted.
function core.use(name)
  if not made[name] then
    local text = texts[name]
    texts[name] = nil
    made[name] = load(text, "=?", "b", native)(core) or true
  end
  return made[name]
end

local given = { select(7, ...) }
for i = 1, #given, 2 do
  local target = i <= 2 * guest_files and texts or core.files
  target[given[i]] = given[i + 1]
end

if native.jit then
  core.use("compat")
end
for _, name in next, { "values", "text", "reader", "writer", "errors", "tasks", "coroutines" } do
  core.use(name)
end
if instructions or cpu then
  core.use("limits")
end
for _, name in next, { "sandbox", "clock", "bridges", "modules" } do
  core.use(name)
end

-- A built-in module is compiled when it is first touched.
for name in next, core.guest_modules do
  local _, meta = core.provide(name, nil)
  meta.__index = function(_, key)
    meta.__index = core.use(name)
    return meta.__index[key]
  end
  meta.__pairs = function()
    return core.pairs(core.use(name))
  end
end

-- The end ----------------------------------------------------------------------------------------------------------

local OUT_OF_MEMORY = "not enough memory"
local main -- the main code's state: its result as text once it has ended
local invocations, running_invocations = {}, 0
local ended

-- Returns the error value of a limit, where that is what was raised.
function core.limit_error(value)
  local struck = core.struck
  if not struck and memory and value == OUT_OF_MEMORY then
    struck = { limit = "memory", allowed = memory }
  end
  if struck then
    return core.error_value({
      kind = "limit",
      message = string.format("limit %s of %.14g was reached", struck.limit, struck.allowed),
      data = { limit = struck.limit, allowed = struck.allowed },
    })
  end
end

local function finish(request)
  if not ended then
    ended = true
    core.drop_jobs()
    core.request(request)
  end
end

function core.fail(value, co)
  if core.struck then
    core.stop_counting()
  end
  finish('["fail",' .. core.describe(value, co) .. "]")
end

local function values_text(...)
  local count = select("#", ...)
  if count <= 1 then
    return core.write((...))
  end
  local values = core.list({ ... })
  for i = 1, count do
    if values[i] == nil then
      values[i] = core.NULL
    end
  end
  return core.write(values)
end

-- Events -----------------------------------------------------------------------------------------------------------

local function main_ended(task, ok, ...)
  if not ok then
    return core.fail((...), task.co)
  end
  local written, text = pcall(values_text, ...)
  if not written then
    return core.fail(text)
  end
  main = text
end

local function answer_invocation(invocation, request)
  if invocations[invocation] then
    invocations[invocation] = nil
    running_invocations = running_invocations - 1
    core.request(request)
  end
end

local function throw(invocation, value, co)
  answer_invocation(invocation, '["throw",' .. invocation .. "," .. core.describe(value, co) .. "]")
end

local function invoke(invocation, f, args)
  invocations[invocation] = true
  running_invocations = running_invocations + 1
  local function invocation_ended(task, ok, ...)
    if not ok then
      return throw(invocation, (...), task.co)
    end
    local written, text = pcall(values_text, ...)
    if not written then
      return throw(invocation, text)
    end
    answer_invocation(invocation, '["return",' .. invocation .. "," .. text .. "]")
  end
  local count = #args
  for i = 1, count do
    if args[i] == core.NULL then
      args[i] = nil
    end
  end
  core.start(invocation_ended, f, table.unpack(args, 1, count))
end

local function unreadable()
  local problem = core.unreadable
  core.unreadable = nil
  return problem and core.error_value({ kind = "conversion", message = problem })
end

local EVENTS = {}

function EVENTS.start(params, seed, names)
  local problem = unreadable()
  if problem then
    return core.fail(problem)
  end
  core.seed, core.began, globals.params = seed, core.now, params
  native.math.randomseed(seed)
  core.bind(names)
  core.start(main_ended, core.load_file(entry))
end

function EVENTS.resolve(id, value)
  if core.unreadable then
    return core.deliver(id, false, unreadable())
  elseif value == core.NULL then
    value = nil
  end
  core.deliver(id, true, value)
end

function EVENTS.reject(id, fields)
  unreadable()
  core.deliver(id, false, core.read_error(fields))
end

function EVENTS.invoke(invocation, id, args)
  local problem = unreadable()
  local f = core.functions[id]
  if not f and not problem then
    problem = core.error_value({ kind = "call", message = "the spell has no function " .. id .. " (any more)" })
  end
  if problem then
    return core.request('["throw",' .. invocation .. "," .. core.describe(problem) .. "]")
  end
  invoke(invocation, f, args)
end

function EVENTS.forget(ids)
  for _, id in next, ids do
    core.forget(id)
  end
end

function EVENTS.cancel(reason)
  core.fail(core.error_value({ kind = "cancelled", message = reason }))
end

-- Steps ------------------------------------------------------------------------------------------------------------

local function end_if_done()
  if ended or core.outstanding() > 0 then
    return
  elseif main and core.live == 0 then
    return finish('["finish",' .. main .. "]")
  elseif core.held_functions > 0 then
    return -- the host may still call one of them
  end
  local problem = core.error_value({ kind = "deadlock", message = "the spell waits for something that nobody can bring about" })
  for invocation in next, invocations do
    throw(invocation, problem)
  end
  if main then
    return finish('["finish",' .. main .. "]")
  end
  core.fail(problem)
end

local function turn(text)
  local comma = find(text, ",", 2, true)
  core.now = tonumber(sub(text, 2, comma - 1))
  local at = comma + 2
  while not ended and byte(text, at) ~= 93 do
    core.begin_reading(text)
    local event, after = core.read(at)
    EVENTS[event[1]](event[2], event[3], event[4])
    core.run_jobs()
    at = byte(text, after) == 44 and after + 1 or after
  end
  if core.fail_unhandled then
    core.fail_unhandled()
  end
  end_if_done()
end

-- Returns the outbox for an inbox, both JSON text. Whatever the spell does, it returns.
return function(text)
  if core.step_begins then
    core.step_begins()
  end
  local ok, problem = pcall(turn, text)
  if not ok then
    core.fail(problem)
  end
  if not ended then
    core.release_dropped()
  end
  if core.step_ends then
    core.step_ends()
  end
  return "[" .. core.take_requests() .. "]"
end
