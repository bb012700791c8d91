-- Cancellation tokens: what many tasks and calls are stopped by.
local core = ...
local type, next, setmetatable = type, next, setmetatable
local inside = core.settling
local new, react, settle, as_record, stop = inside.new, inside.react, inside.settle, inside.as_record, inside.stop

local states = setmetatable({}, core.WEAK) -- by the token that the spell holds
local methods = {}
local TOKEN = { __index = methods, __metatable = "token", __name = "token", __tostring = core.label }
core.uncrossable[TOKEN] = "a cancellation token cannot cross the border"
core.special[TOKEN] = function()
  core.writer.fault()
end

function TOKEN.__newindex()
  core.errors.raise("runtime", "a token is read-only; keep your own values in a table of your own")
end

local function state_of(token, name)
  local state = states[token]
  if not state then
    core.errors.raise("runtime", name .. " takes a token; write token:" .. name .. "(...)")
  end
  return state
end

local function problem_of(state)
  local reason = state.reason
  local message = type(reason) == "string" and reason or "cancelled"
  local data
  if type(reason) ~= "string" then
    data = reason
  end
  return core.errors.value({ kind = "cancelled", message = message, data = data })
end

-- Stops what the token stops, and then tells those that want to know; a second call does nothing.
function methods:cancel(reason)
  local state = state_of(self, "cancel")
  if state.cancelled then
    return
  end
  state.cancelled, state.reason = true, reason
  local records, listeners = state.records, state.listeners
  state.records, state.listeners = {}, {}
  for i = 1, state.last do
    if records[i] then
      stop(records[i], problem_of(state))
    end
  end
  for i = 1, #listeners do
    core.promise.spawn(listeners[i], reason)
  end
  core.halt()
end

function methods:cancelled()
  return state_of(self, "cancelled").cancelled
end

function methods:on_cancel(f)
  local state = state_of(self, "on_cancel")
  inside.expect_function(f, "token.on_cancel")
  if state.cancelled then
    core.promise.spawn(f, state.reason)
  else
    state.listeners[#state.listeners + 1] = f
  end
end

-- Returns a promise of the same that is rejected once the token is cancelled: what it waits for is stopped then.
function methods:watch(value)
  local state, inner = state_of(self, "watch"), as_record(value)
  if state.cancelled then
    stop(inner, problem_of(state))
  end
  local made, record = new()
  local number = state.last + 1
  state.last, state.records[number] = number, inner
  react(inner, function()
    state.records[number] = nil
    record.handled = record.handled or state.cancelled -- cancelled on purpose, which nobody needs to handle
    settle(record, inner.state, inner.value)
  end)
  return made
end

-- Runs a function as a task that the token stops; where it is cancelled already, nothing runs.
function methods:run(f, ...)
  local state = state_of(self, "run")
  inside.expect_function(f, "token.run")
  return methods.watch(self, state.cancelled and new() or core.promise.spawn(f, ...))
end

return function()
  local token = setmetatable({}, TOKEN)
  states[token] = { cancelled = false, records = {}, last = 0, listeners = {} }
  return token
end
