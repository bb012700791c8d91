-- The module `channel`: values handed from task to task, waiting where nobody takes or gives them yet.
local core = ...
local setmetatable, type, next = setmetatable, type, next
local inside = core.settling
local shapes = core["library/shapes"]

local states = setmetatable({}, core.WEAK) -- by the channel that the spell holds
local methods, channel = {}, {}
local CHANNEL = { __index = methods, __metatable = "channel", __name = "channel", __tostring = core.label }
core.uncrossable[CHANNEL] = "a channel cannot cross the border; receive from it first"
core.special[CHANNEL] = function()
  core.writer.fault()
end

function CHANNEL.__newindex()
  core.errors.raise("runtime", "a channel is read-only; keep your own values in a table of your own")
end

-- Queues -----------------------------------------------------------------------------------------------------------

local function new_queue()
  return { first = 1, last = 0 }
end

local function push(queue, item)
  queue.last = queue.last + 1
  queue[queue.last] = item
end

local function pop(queue)
  if queue.first <= queue.last then
    local item = queue[queue.first]
    queue[queue.first] = nil
    queue.first = queue.first + 1
    return item
  end
end

local function is_gone(place)
  return place.turn.over or place.turn.task.dead
end

-- Returns the first place in a queue whose task still waits there.
local function next_waiter(queue)
  local place = pop(queue)
  while place and is_gone(place) do
    place = pop(queue)
  end
  return place
end

local function take_place(queue, place)
  while queue.first <= queue.last and is_gone(queue[queue.first]) do
    pop(queue)
  end
  push(queue, place)
end

-- Turns: what a task waits for; one that selects has a place in several queues ---------------------------------------

local function end_turn(place, fields)
  local turn = place.turn
  turn.over, turn.place = true, place
  for name, value in next, fields do
    turn[name] = value
  end
  core.defer(function()
    core.wake(turn.task, true)
  end)
end

local function end_all(queue, fields)
  local place = next_waiter(queue)
  while place do
    end_turn(place, fields)
    place = next_waiter(queue)
  end
end

local function wait(turn, what)
  core.suspend(what, function()
    turn.over = true
    if turn.timer then
      core.cancel_call(turn.timer)
    end
  end)
  if turn.timer then
    core.cancel_call(turn.timer)
  end
end

local function refuse_closed()
  core.errors.raise("closed", "the channel is closed: nothing can be sent to it")
end

-- Gives a value to whoever waits for one, or keeps it where there is room; false where it has to wait.
local function try_send(state, value)
  if state.closed then
    refuse_closed()
  end
  local taker = next_waiter(state.takers)
  if taker then
    end_turn(taker, { value = value, open = true })
  elseif state.buffer.last - state.buffer.first + 1 < state.capacity then
    push(state.buffer, value)
  else
    return false
  end
  return true
end

-- Returns true with a value, true with nothing where the channel is closed, or false where none is there yet.
local function try_receive(state)
  local value, giver = pop(state.buffer), next_waiter(state.givers)
  if giver then
    end_turn(giver, {})
    if value == nil then
      value = giver.value
    else
      push(state.buffer, giver.value)
    end
  end
  return value ~= nil or state.closed, value
end

-- The channel ------------------------------------------------------------------------------------------------------

local function state_of(self, name)
  return states[self] or shapes.refuse(name .. " takes a channel, not " .. shapes.name_of(self))
end

local function expect_value(value)
  if value == nil then
    shapes.refuse("a channel carries no nil; send null")
  end
end

function channel.new(capacity)
  capacity = capacity == nil and 0 or shapes.expect_number(capacity, "channel.new", 0)
  local made = setmetatable({}, CHANNEL)
  states[made] = { capacity = capacity, closed = false, buffer = new_queue(), takers = new_queue(), givers = new_queue() }
  return made
end

function methods:send(value)
  local state = state_of(self, "send")
  expect_value(value)
  if try_send(state, value) then
    return
  end
  local turn = { task = core.current() }
  take_place(state.givers, { turn = turn, value = value })
  wait(turn, "channel.send")
  if turn.closed then
    refuse_closed()
  end
end

-- Returns the next value, and nil once the channel is closed and empty.
function methods:receive()
  local state = state_of(self, "receive")
  local done, value = try_receive(state)
  if done then
    return value
  end
  local turn = { task = core.current() }
  take_place(state.takers, { turn = turn })
  wait(turn, "channel.receive")
  return turn.value
end

CHANNEL.__call = methods.receive -- for value in channel do

function methods:close()
  local state = state_of(self, "close")
  state.closed = true
  end_all(state.takers, {})
  end_all(state.givers, { closed = true })
end

function methods:len()
  local buffer = state_of(self, "len").buffer
  return buffer.last - buffer.first + 1
end

function methods:closed()
  return state_of(self, "closed").closed
end

-- Selecting --------------------------------------------------------------------------------------------------------

local function cases_of(list)
  local cases = {}
  for i = 1, #list do
    local each = list[i]
    local is_send = shapes.is_list(each)
    local target = is_send and each[1] or each
    if is_send then
      expect_value(each[2])
    end
    cases[i] = { index = i, channel = target, state = state_of(target, "select"), send = is_send, value = is_send and each[2] or nil }
  end
  if #cases == 0 then
    shapes.refuse("select takes a list of channels, or {channel, value} to send; there is none")
  end
  return cases
end

local function outcome(case, value, open)
  return { index = case.index, channel = case.channel, value = value, closed = not case.send and not open }
end

local function try_case(case)
  if case.send then
    return try_send(case.state, case.value) and outcome(case)
  end
  local done, value = try_receive(case.state)
  return done and outcome(case, value, value ~= nil)
end

local function late(seconds)
  core.errors.raise("timeout", string.format("no channel was ready within %.14g seconds", seconds), { seconds = seconds })
end

-- Waits for the first channel that is ready, the first in the list where several are.
function channel.select(list)
  shapes.expect(shapes.is_plain(list), "select", "a list of channels", list)
  local cases, options = cases_of(list), {}
  for key, value in core.pairs(list) do
    if type(key) ~= "number" then
      options[key] = value
    end
  end
  local seconds = inside.take_options(options, "select", "timeout").timeout
  if seconds ~= nil then
    inside.expect_seconds(seconds, "select")
  end
  for i = 1, #cases do
    local found = try_case(cases[i])
    if found then
      return found
    end
  end
  if seconds == 0 then
    late(seconds)
  end
  local turn = { task = core.current() }
  for i = 1, #cases do
    local case = cases[i]
    take_place(case.send and case.state.givers or case.state.takers, { turn = turn, value = case.value, case = case })
  end
  turn.timer = seconds and core.yieldable() and core.call_later(function()
    if not turn.over then
      turn.late, turn.over = true, true
      core.wake(turn.task, true)
    end
  end, '"host"', '"sleep"', seconds)
  wait(turn, "channel.select")
  if turn.late then
    late(seconds)
  elseif turn.closed then
    refuse_closed()
  end
  return outcome(turn.place.case, turn.value, turn.open)
end

return channel
