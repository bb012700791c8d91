-- Functions that stand in for others in tests, and note how they are called.
local core = ...
local type, next, rawget, rawset, rawequal, error = type, next, rawget, rawset, rawequal, error
local setmetatable, metaof, select, unpack = setmetatable, debug.getmetatable, select, table.unpack
local shapes = core["library/shapes"]
local doubles, methods = {}, {}
local states = setmetatable({}, core.WEAK) -- by the double that the spell holds
local placed = {} -- what is to be put back, in order
local DOUBLE = { __index = methods, __metatable = "mock", __name = "mock", __tostring = core.label }
core.uncrossable[DOUBLE] = "a mock cannot cross the border; hand over a function that calls it"
core.special[DOUBLE] = function()
  core.writer.fault()
end

function DOUBLE.__newindex()
  core.errors.raise("runtime", "a mock is read-only; keep your own values in a table of your own")
end

function doubles.state_of(value)
  return states[value]
end

local function state_of(self, name)
  return states[self] or shapes.refuse(name .. " takes a mock, not " .. shapes.name_of(self))
end

local function answered(state, ...)
  local answer = state.answers[1]
  if answer then
    core.native.table.remove(state.answers, 1)
    return answer(...)
  elseif state.does then
    return state.does(...)
  end
end

function DOUBLE.__call(self, ...)
  local state = states[self]
  local args = core.list({})
  for i = 1, select("#", ...) do
    args[i] = shapes.or_null((select(i, ...)))
  end
  state.calls[#state.calls + 1] = args
  return answered(state, ...)
end

function doubles.mock(f)
  if f ~= nil then
    shapes.expect_function(f, "mock")
  end
  local made = setmetatable({}, DOUBLE)
  states[made] = { calls = core.list({}), answers = {}, does = f, first = f }
  return made
end

-- Returns an object whose functions are mocks: of names, or by name of what they return or do.
function doubles.mock_object(functions)
  shapes.expect(shapes.is_plain(functions), "mock_object", "names, or answers by name", functions)
  local made, named = {}, shapes.may_be_list(functions)
  for key, answer in next, functions do
    local name = named and shapes.expect_text(answer, "mock_object") or key
    local double = doubles.mock(not named and core.settling.callable(answer) and answer or nil)
    made[name] = named and double or states[double].does and double or double:returns(answer)
  end
  return made
end

-- Returns the table that a name of an object is kept in; of a bridge that is where its methods lie.
local function slot(target, name, caller)
  shapes.expect_text(name, caller)
  if type(target) ~= "table" then
    shapes.refuse(caller .. " takes a bridge or a table and a name, not " .. shapes.name_of(target))
  elseif not core.locked[target] then
    return target
  elseif not (core.bound and core.bound[core.locked[target]]) then
    shapes.refuse(caller .. " takes the functions of bridges and of tables of your own, not of " .. core.locked[target])
  end
  local _ = target[name]
  return metaof(target).__index
end

local function place(target, name, caller, make)
  local where = slot(target, name, caller)
  local before = target[name]
  local kept = rawget(where, name)
  local double = make(before)
  local f = not core.locked[target] and double or function(self, ...)
    if rawequal(self, target) then
      return double(...)
    end
    return double(self, ...)
  end
  rawset(where, name, f)
  local state = states[double]
  state.put_back = function()
    rawset(where, name, kept)
    state.put_back = nil
  end
  placed[#placed + 1] = state
  return double
end

-- Has calls of a function noted, and made.
function doubles.spy(target, name)
  return place(target, name, "spy", function(f)
    return doubles.mock(shapes.expect_function(f, "spy"))
  end)
end

-- Puts a mock in the place of a function; `answer` is what it returns, or a function that does.
function doubles.stub(target, name, answer)
  return place(target, name, "stub", function()
    local made = doubles.mock()
    states[made].does = core.settling.callable(answer) and answer or function()
      return answer
    end
    states[made].first = states[made].does
    return made
  end)
end

-- Puts back all that stands in for something.
function doubles.restore()
  for i = #placed, 1, -1 do
    if placed[i].put_back then
      placed[i].put_back()
    end
    placed[i] = nil
  end
end

function methods:calls()
  return state_of(self, "calls").calls
end

function methods:returns(...)
  local values, count = { ... }, select("#", ...)
  state_of(self, "returns").does = function()
    return unpack(values, 1, count)
  end
  return self
end

function methods:returns_once(...)
  local answers, values, count = state_of(self, "returns_once").answers, { ... }, select("#", ...)
  answers[#answers + 1] = function()
    return unpack(values, 1, count)
  end
  return self
end

function methods:raises(problem)
  state_of(self, "raises").does = function()
    error(problem, 0)
  end
  return self
end

function methods:does(f)
  state_of(self, "does").does = shapes.expect_function(f, "does")
  return self
end

function methods:reset()
  local state = state_of(self, "reset")
  state.calls, state.answers, state.does = core.list({}), {}, state.first
  return self
end

function methods:restore()
  local state = state_of(self, "restore")
  if state.put_back then
    state.put_back()
  end
end

return doubles
