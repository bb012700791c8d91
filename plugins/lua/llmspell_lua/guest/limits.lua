-- Limits that strike inside the VM. The spell cannot catch them: whatever catches errors raises them again.
local core = ...
local native, memory = core.native, core.memory
local error, pcall, xpcall, type, sub = error, pcall, xpcall, type, string.sub
local struck
local exhausted = memory and { limit = "memory", allowed = memory } -- made while there is memory
local OVERFLOW, OF_C = "stack overflow", "C stack overflow"

local function strike(limit)
  -- In this order: the hook, which may run in between, raises what has struck.
  core.struck = core.struck or limit
  struck = core.struck
  error(struck, 0)
end

function core.strike(name, allowed, used)
  local file, line = core.errors.where()
  strike({ limit = name, allowed = allowed, used = used, file = file, line = line })
end

-- Returns the limit that the VM's own error tells of: one of these two texts, and no spell can raise either.
function core.limit_of(problem)
  if type(problem) ~= "string" then
    return nil
  elseif exhausted and problem == "not enough memory" then
    return exhausted
  elseif sub(problem, -#OVERFLOW) == OVERFLOW and sub(problem, -#OF_C) ~= OF_C then
    return { limit = "stack", allowed = core.stack, text = problem }
  end
end

-- Returns what a spell raises, with a text of the VM's own told apart from the VM's.
function core.own_words(value)
  if type(value) == "string" and (value == "not enough memory" or sub(value, -#OVERFLOW) == OVERFLOW) then
    return value .. " (raised by the spell)"
  end
  return value
end

-- Passes on what a call returned that catches errors, unless a limit has struck.
local function checked(...)
  if struck then
    error(struck, 0)
  end
  local ok, problem = ...
  local limit = not ok and core.limit_of(problem)
  if limit then
    strike(limit)
  end
  return ...
end
core.checked = checked

function core.pcall(...)
  return checked(pcall(...))
end

function core.xpcall(f, handler, ...)
  -- Hooks do not run in a handler that a hook's own error called.
  return checked(xpcall(f, function(e)
    if struck or core.limit_of(e) then
      return struck or e
    end
    return core.own_words(handler(e))
  end, ...))
end

-- Instructions, time and depth, by a count hook in every coroutine --------------------------------------------------

local with_lines = rawget(core, "with_lines") -- there where it is told which lines run
if not (core.instructions or core.cpu or core.wall or core.levels or with_lines) then
  return
end
local allowed_instructions, allowed_cpu, allowed_wall, levels = core.instructions, core.cpu, core.wall, core.levels
local sethook, getinfo, clock = debug.sethook, debug.getinfo, os.clock
local create, running = coroutine.create, coroutine.running
local STRIDE = 1000

local stride = allowed_instructions and math.min(STRIDE, math.max(allowed_instructions, 1)) or STRIDE
local used, cpu_before, step_began, wall_left, counting = 0, 0, 0, 0, false
local guarded = false -- the driver runs where an error of the hook is caught

local function check_time()
  local spent = clock() - step_began
  if allowed_cpu and cpu_before + spent > allowed_cpu then
    core.strike("cpu", allowed_cpu, cpu_before + spent)
  elseif allowed_wall and spent > wall_left then
    core.strike("wall", allowed_wall, allowed_wall - wall_left + spent)
  end
end

local looked_at, patience = nil, 0

-- Looking takes time where calls nest deeply. While they nest less than half as deep as they may, half of that has to
-- be gone first, and no instructions of a stride make more calls than half their number.
local function check_depth()
  local co = running() or false
  patience = co == looked_at and patience - 1 or 0
  if patience > 0 then
    return
  elseif getinfo(levels + 3, "l") then
    core.strike("stack", core.stack)
  end
  looked_at, patience = co, getinfo(levels / 2 + 3, "l") and 0 or levels / stride
end

local function on_count()
  if struck then
    error(struck, 0)
  end
  used = used + stride
  if allowed_instructions and used > allowed_instructions then
    core.strike("instructions", allowed_instructions, used)
  end
  if allowed_cpu or allowed_wall then
    check_time()
  end
  if levels then
    check_depth()
  end
end

-- The hook of the driver's own thread: it strikes the driver only where that ends in an outbox.
local function on_driver_count()
  if (guarded and not struck) or getinfo(2, "S").source ~= "=?" then
    on_count()
  end
end

local driver_hook, task_hook, mask, count = on_driver_count, on_count, "", stride
if with_lines then
  driver_hook, task_hook, mask, count = with_lines(on_driver_count, on_count, stride)
end

function core.step_begins(left)
  step_began, wall_left = clock(), left
  if not counting then
    counting = true
    sethook(driver_hook, mask, count)
  end
  guarded = true
end

function core.unguard()
  guarded = false
end

function core.step_ends()
  cpu_before = cpu_before + clock() - step_began
end

-- Lets the driver report what struck; none of the spell's code runs any more.
function core.stop_counting()
  sethook()
end

if not native.jit then -- LuaJIT has one hook for all coroutines
  function core.new_coroutine(f)
    local co = create(f)
    sethook(co, task_hook, mask, count)
    return co
  end
end

if native.jit then
  native.jit.off() -- compiled code runs no hooks
end
