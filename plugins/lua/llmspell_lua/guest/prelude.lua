-- The driver: reads an inbox, runs the spell until every task waits, and writes the outbox.
-- Called once per VM with the parts that run at once, the one that bounds the spell, and names and texts of the others
-- by turns. Returns `open`, so that a VM can be made before it is known what for.
local at_once, bound = ...
local find, sub, byte, tonumber, next, select = string.find, string.sub, string.byte, tonumber, next, select
local pcall, load, assert, gsub = pcall, load, assert, string.gsub
local native, parts = _G, {}

-- What the parts of the guest share: `core.json` is what `json.lua` returns, run when first asked for.
local core = {
  native = native,
  globals = {}, -- the spell's
  files = {},
  instructions = false, -- the limits, once they are known
  cpu = false,
  wall = false,
  memory = false,
  stack = false,
  levels = false, -- how deep calls may nest, where that is watched
  tasks = false,
  struck = false, -- the limit that ended the spell
  doubles = false, -- true where all numbers are doubles
  unreadable = false, -- why the event just read cannot be had
  step_begins = false,
  step_ends = false,
  stop_counting = false,
  unguard = os.clock, -- tells that the driver is no longer where a limit may strike it; here nobody listens
  fail_unhandled = false,
  release_dropped = false,
  walked = false, -- the handles that `for` walks, once there are any
  held_functions = 0,
  live_invocations = 0,
  closing = false, -- what the spell wants done at its end, a function of the failure and the value
  is_closing = false,
  now = 0,
}
local globals = core.globals

setmetatable(core, {
  __index = function(_, name)
    local part = assert(load(parts[name] or core.refuse_unnamed((gsub(name, ".*/", ""))), "=?", "bt", native))(core)
    parts[name] = nil
    core[name] = part
    return part
  end,
})

-- The parts that few spells need are in the VM only where the source names them.
function core.refuse_unnamed(name)
  core.errors.raise("runtime", "'" .. name .. "' is reached by a name made at run time; write it out somewhere in the spell")
end

-- Tells whether the VM has a part of the guest.
function core.has(name)
  return (parts[name] or rawget(core, name)) ~= nil
end

local function keep(target, ...)
  for i = 1, select("#", ...), 2 do
    local name, text = select(i, ...)
    target[name] = text
  end
end

keep(parts, select(3, ...))
for i = 1, #at_once do
  at_once[i](core)
end

-- The end ----------------------------------------------------------------------------------------------------------

local entry -- the name of the file that is run
local main -- the request that ends the run, once the main code has ended or the spell has failed
local failure, value -- what it has failed with, in a table; what the main code returned
local ended

local function finish(request)
  core.unguard()
  if not ended then
    core.drop_jobs()
    core.request(request)
    ended = true
  end
end

function core.fail(value, co)
  if core.struck and core.stop_counting then
    core.stop_counting()
  end
  local text, is_limit = core.errors.describe(value, co)
  finish('["fail",' .. text .. (is_limit and ",true]" or "]"))
end

-- Ends the run with an error of the spell's own, after what it wants done at its end.
function core.fail_by_itself(problem, co)
  if core.struck or not (core.closing or core.is_closing) then
    return core.fail(problem, co)
  elseif not failure then
    failure, main = { problem }, '["fail",' .. core.errors.describe(problem, co) .. "]"
  end
  if not core.is_closing then
    core.stopping.kill_every_task()
  end
end

-- Returns what a function of the spell returned as the text of one value.
function core.values_text(...)
  if select("#", ...) <= 1 then
    return core.write((...))
  end
  return core.writer.write_several(...)
end

local function main_ended(task, ok, ...)
  if not ok then
    return core.fail_by_itself((...), task.co)
  end
  local written, text = pcall(core.values_text, ...)
  if not written then
    return core.fail_by_itself(text)
  end
  main, value = '["finish",' .. text .. "]", (...)
end

-- Events -----------------------------------------------------------------------------------------------------------

local function unreadable()
  local problem = core.unreadable
  core.unreadable = false
  return problem and core.errors.value({ kind = "conversion", message = problem })
end

local EVENTS = {}

function EVENTS.start(params, seed, names)
  local problem = unreadable()
  if problem then
    return core.fail(problem)
  end
  core.seed, core.began, globals.params = seed, core.now, params
  core.randomseed(seed)
  core.bind(names)
  core.start(main_ended, assert(load(core.files[entry], "@" .. entry, "t", globals)))
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
  core.deliver(id, false, core.errors.read(fields))
end

function EVENTS.invoke(invocation, id, args)
  core.functions.invoke(invocation, id, args, unreadable())
end

function EVENTS.abort(invocation)
  core.functions.abort(invocation)
end

function EVENTS.forget(ids)
  core.functions.forget(ids)
end

function EVENTS.cancel(reason)
  local problem = core.errors.value({ kind = "cancelled", message = reason })
  finish('["fail",' .. core.errors.describe(problem) .. ",true]")
end

-- Steps ------------------------------------------------------------------------------------------------------------

local function closed(task, ok, problem)
  if not ok then
    core.fail_by_itself(problem, task.co)
  end
end

-- Runs what the spell wants done at its end.
local function close()
  local closing = core.closing
  core.closing, core.is_closing = false, true
  core.start(closed, closing, failure, value)
  core.run_jobs()
  if core.fail_unhandled then
    core.fail_unhandled()
  end
end

local function end_if_done()
  if ended or core.outstanding() > 0 then
    return
  elseif main and core.live == 0 then
    if core.closing then
      close()
      return end_if_done()
    end
    return finish(main)
  elseif core.held_functions > 0 then
    return -- the host may still call one of them
  end
  local problem = { kind = "deadlock", message = "the spell waits for something that nobody can bring about" .. core.stopping.waits() }
  if core.live_invocations > 0 then
    core.functions.throw_all(problem)
  end
  if not main then
    core.fail_by_itself(core.errors.value(problem))
  elseif not core.closing then
    return finish(main)
  end
  if not ended then
    core.stopping.kill_every_task()
    return end_if_done()
  end
end

local function turn(text, left)
  if core.step_begins then
    core.step_begins(left)
  end
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
  core.unguard()
end

-- Returns the outbox for an inbox, both JSON text. Whatever the spell does, it returns.
-- `left` are the seconds that the run still has.
local function step(text, left)
  local ok, problem = pcall(turn, text, left)
  if not ok then
    core.unguard()
    ok, problem = pcall(core.fail, problem)
    if not ok then
      core.fail(problem) -- a limit that struck while the error was told
    end
  end
  if core.release_dropped and not ended then
    core.release_dropped()
  end
  if core.step_ends then
    core.step_ends()
  end
  return "[" .. core.take_requests() .. "]"
end

-- Returns `step` for a spell: its limits, its entry file, and by turns names and texts of so many more parts of the
-- guest and of its files.
return function(instructions, cpu, wall, memory, stack, levels, tasks, file, count, ...)
  core.instructions, core.cpu, core.wall = instructions or false, cpu or false, wall or false
  core.memory, core.stack, core.levels, core.tasks = memory or false, stack, levels or false, tasks or false
  entry = file
  for i = 1, 2 * count, 2 do
    local name, text = select(i, ...)
    parts[name] = text
  end
  keep(core.files, select(2 * count + 1, ...))
  if core.has("coverage") then
    local _ = core.coverage
  end
  bound(core)
  globals.pcall, globals.xpcall = core.pcall, core.xpcall
  return step
end
