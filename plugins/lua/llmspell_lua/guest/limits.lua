-- Limits that strike inside the VM. The spell cannot catch them: whatever catches errors raises them again.
local core = ...
local native, memory = core.native, core.memory
local error, pcall, xpcall = error, pcall, xpcall
local struck
local exhausted = memory and { limit = "memory", allowed = memory } -- made while there is memory

local function strike(limit)
  -- In this order: the hook, which may run in between, raises what has struck.
  core.struck = core.struck or limit
  struck = core.struck
  error(struck, 0)
end

function core.strike(name, allowed, used)
  strike({ limit = name, allowed = allowed, used = used })
end

-- Passes on what a call returned that catches errors, unless a limit has struck.
local function checked(...)
  if struck then
    error(struck, 0)
  end
  local ok, problem = ...
  if not ok and exhausted and problem == "not enough memory" then
    strike(exhausted)
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
    return struck or handler(e)
  end, ...))
end

-- Instructions and time, by a count hook in every coroutine -------------------------------------------------------

if not core.instructions and not core.cpu then
  return
end
local allowed_instructions, allowed_cpu = core.instructions, core.cpu
local sethook, getinfo, clock, create = debug.sethook, debug.getinfo, os.clock, coroutine.create
local STRIDE = 1000

local stride = allowed_instructions and math.min(STRIDE, math.max(allowed_instructions, 1)) or STRIDE
local used, cpu_before, step_began, counting = 0, 0, 0, false
local guarded = false -- the driver runs where an error of the hook is caught

local function on_count()
  if struck then
    error(struck, 0)
  end
  used = used + stride
  if allowed_instructions and used > allowed_instructions then
    core.strike("instructions", allowed_instructions, used)
  end
  local cpu = allowed_cpu and cpu_before + clock() - step_began
  if cpu and cpu > allowed_cpu then
    core.strike(core.cpu_name, allowed_cpu, cpu)
  end
end

-- The hook of the driver's own thread: it strikes the driver only where that ends in an outbox.
local function on_driver_count()
  if (guarded and not struck) or getinfo(2, "S").source ~= "=?" then
    on_count()
  end
end

function core.step_begins()
  step_began = clock()
  if not counting then
    counting = true
    sethook(on_driver_count, "", stride)
  end
  guarded = true
end

function core.unguard()
  guarded = false
end

function core.step_ends()
  if core.cpu_name == "cpu" then
    cpu_before = cpu_before + clock() - step_began
  end
end

-- Lets the driver report what struck; none of the spell's code runs any more.
function core.stop_counting()
  sethook()
end

if not native.jit then -- LuaJIT has one hook for all coroutines
  function core.new_coroutine(f)
    local co = create(f)
    sethook(co, on_count, "", stride)
    return co
  end
end

if native.jit then
  native.jit.off() -- compiled code runs no hooks
end
