-- Tasks that are stopped where they wait, and where those wait that nobody can wake.
local core = ...
local next, sort, concat = next, table.sort, table.concat
local started = core.started
local tasks, waiting, owners, bury = started.tasks, started.waiting, started.owners, started.bury
local stopping = {}

local function lies_in(scope, outermost)
  while scope and scope ~= outermost do
    scope = scope.outer
  end
  return scope == outermost
end

-- Returns the tasks that wait, all or those of a scope, in the order in which they were started.
local function waiting_tasks(scope)
  local list = {}
  for task in next, tasks do
    if not scope or lies_in(task.scope, scope) then
      list[#list + 1] = task
    end
  end
  sort(list, function(a, b)
    return a.number < b.number
  end)
  return list
end

-- Tells the host that nobody wants the answers any more, all or those of a scope, in the order of the calls.
local function cancel_calls(scope)
  local ids = {}
  for id in next, waiting do
    if not scope or lies_in(owners[id], scope) then
      ids[#ids + 1] = id
    end
  end
  sort(ids)
  for i = 1, #ids do
    core.cancel_call(ids[i])
  end
end

-- Ends what waits in a scope, and in all that was started there, where it is: none of its code runs again.
-- Whoever waits for one of the tasks from outside gets the reason.
function stopping.stop(scope, reason)
  scope.stopped = true
  local stopped = waiting_tasks(scope)
  for i = 1, #stopped do
    bury(stopped[i])
  end
  cancel_calls(scope)
  for i = 1, #stopped do
    stopped[i].ended(stopped[i], false, reason)
  end
end

-- Ends all tasks where they wait: none of their code runs again.
function stopping.kill_every_task()
  for _, task in next, waiting_tasks() do
    bury(task)
  end
  cancel_calls(nil)
  if core.live_invocations > 0 then
    core.functions.drop()
  end
end

-- Returns where the tasks wait that nobody can wake, in the order in which they began.
function stopping.waits()
  local tasks, places, n = waiting_tasks(), {}, 0
  for i = 1, #tasks do
    local file, line = core.errors.where(tasks[i].co)
    local place = file and (line and file .. ":" .. line or file)
    if place and not places[place] and n < 10 then
      n = n + 1
      places[n], places[place] = place, true
    end
  end
  return n > 0 and "; it waits at " .. concat(places, ", ") or ""
end

return stopping
