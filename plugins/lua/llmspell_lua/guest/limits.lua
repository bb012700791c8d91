-- Limits on instructions and time, by a count hook in every coroutine. The spell cannot catch them.
local core = ...
if not core.instructions and not core.cpu then
  return
end
local native, allowed_instructions, allowed_cpu = core.native, core.instructions, core.cpu
local sethook, clock, create = debug.sethook, os.clock, coroutine.create
local error, pcall, xpcall = error, pcall, xpcall
local STRIDE = 1000

local stride = allowed_instructions and math.min(STRIDE, math.max(allowed_instructions, 1)) or STRIDE
local used, cpu_before, step_began, counting, struck = 0, 0, 0, false, nil

local function strike(name, allowed)
  struck = struck or { limit = name, allowed = allowed }
  core.struck = struck
  error(struck, 0)
end

local function on_count()
  if struck then
    error(struck, 0)
  end
  used = used + stride
  if allowed_instructions and used > allowed_instructions then
    strike("instructions", allowed_instructions)
  elseif allowed_cpu and cpu_before + clock() - step_began > allowed_cpu then
    strike(core.cpu_name, allowed_cpu)
  end
end

function core.step_begins()
  step_began = clock()
  if not counting then
    counting = true
    sethook(on_count, "", stride)
  end
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

local function checked(...)
  if struck then
    error(struck, 0)
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
