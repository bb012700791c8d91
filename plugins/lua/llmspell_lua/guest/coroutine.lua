-- The spell's own coroutines, through which its calls still reach the host.
local core = ...
local resume, yield, running = coroutine.resume, coroutine.yield, coroutine.running
local isyieldable, status, close = coroutine.isyieldable, coroutine.status, coroutine.close
local next, error = next, error
local WAIT, busy = core.WAIT, core.busy

-- A request for the host bubbles up through the coroutines to the driver, and the answer down again.
local function bubble(co)
  if isyieldable() then
    busy[co] = true
    yield(WAIT)
    busy[co] = nil
  else
    core.refuse_call()
  end
  return resume(co)
end

local function pass(co, ok, tag, ...)
  if tag == WAIT and ok then
    return pass(co, bubble(co))
  end
  return ok, tag, ...
end

local function refuse_busy(co)
  return busy[co] == "closed" and "cannot resume dead coroutine" or "cannot resume non-suspended coroutine"
end

local function unwrap(co, ok, tag, ...)
  if ok then
    if tag == WAIT then
      return unwrap(co, bubble(co))
    end
    return tag, ...
  elseif close and status(co) == "dead" then
    close(co)
  end
  error(tag, 0)
end

local library = {
  create = function(f)
    return core.new_coroutine(f)
  end,
  resume = function(co, ...)
    if busy[co] then
      return false, refuse_busy(co)
    end
    return pass(co, resume(co, ...))
  end,
  wrap = function(f)
    local co = core.new_coroutine(f)
    return function(...)
      if busy[co] then
        error(refuse_busy(co), 2)
      end
      return unwrap(co, resume(co, ...))
    end
  end,
  yield = function(...)
    -- Raised here, where the spell can catch it: the driver, who would get it, can only end the task.
    if busy[running()] then
      error("attempt to yield from outside a coroutine", 2)
    end
    return yield(...)
  end,
  running = function()
    local co = running()
    return co, busy[co] == true
  end,
  isyieldable = function()
    return not busy[running()] and isyieldable()
  end,
  status = function(co)
    local name = status(co)
    if name == "suspended" and busy[co] then
      return busy[co] == "closed" and "dead" or "normal"
    end
    return name
  end,
  close = function(co)
    if busy[co] == true then
      error("cannot close a running or waiting coroutine", 2)
    elseif close then
      return close(co)
    elseif status(co) == "suspended" then
      busy[co] = "closed" -- LuaJIT has no close: the coroutine is never resumed again
    end
    return true
  end,
}

local checked = core.checked
for _, name in next, { "resume", "close" } do
  local call = library[name]
  library[name] = function(...)
    return checked(call(...))
  end
end

return library
