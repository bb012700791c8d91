-- Tasks and their waiting: every piece of the spell that runs is a coroutine that yields WAIT to the driver.
local core = ...
local create, resume, yield = coroutine.create, coroutine.resume, coroutine.yield
local isyieldable, status = coroutine.isyieldable, coroutine.status
local next, select, setmetatable, type = next, select, setmetatable, type
local WAIT = {}

local out, requests = {}, 0 -- what this step asks of the host, as text
local waiting, last_id, outstanding = {}, 0, 0 -- who waits for which call
local owners = {} -- the scopes that calls are made in
local jobs, first, last = {}, 1, 0
local current
local answered, answer -- nil, true or false; and with what
-- Coroutines that only the driver may resume: tasks, and those that wait for the host.
local busy = setmetatable({}, { __mode = "k" })
local bodies = setmetatable({}, { __mode = "k" }) -- the functions that tasks run
core.bodies = bodies

core.new_coroutine = create
core.yieldable = isyieldable
core.WAIT, core.busy = WAIT, busy

-- Makes the call that a coroutine has just bubbled up raise there instead.
function core.refuse_call()
  answered = nil
end

core.live = 0

-- Scopes -------------------------------------------------------------------------------------------------------

-- What a task starts is stopped with it: each task has a scope, inside that of the task that started it.
local tasks, last_task = {}, 0 -- those that have not ended

-- Returns the nearest scope around this one whose task may still be stopped.
local function around(scope)
  local outer = scope.outer
  while outer and outer.ended do
    outer = outer.outer
  end
  scope.outer = outer
  return outer
end

function core.scope()
  return current and current.scope
end

-- Returns a scope inside that of the running task.
function core.new_scope()
  local outer = core.scope()
  if outer then
    around(outer) -- a chain of tasks, each started by the last, keeps none that has ended
  end
  return { outer = outer, invocation = outer and outer.invocation }
end

function core.is_stopped(scope)
  while scope and not scope.stopped do
    scope = scope.outer
  end
  return scope ~= nil
end

-- Requests -----------------------------------------------------------------------------------------------------

function core.request(text)
  out[requests + 1] = text -- a limit may strike before it is counted
  requests = requests + 1
end

function core.take_requests()
  if requests == 1 then
    requests = 0
    return out[1]
  end
  local text = table.concat(out, ",", 1, requests)
  requests = 0
  if #out > 64 then
    out = {}
  end
  return text
end

local function refuse_waiting(what)
  core.errors.raise(
    "call",
    what .. " cannot wait here, inside a function of the Lua library (table.sort, string.gsub, tostring, ...); "
      .. "collect first, then call"
  )
end

local function check_tasks(count)
  if core.tasks and count > core.tasks then
    core.strike("tasks", core.tasks, count)
  end
end

local function ask(target, method, args)
  check_tasks(outstanding + 1)
  last_id = last_id + 1
  outstanding = outstanding + 1
  local scope = current and current.scope
  owners[last_id] = scope
  local within = scope and scope.invocation and "," .. scope.invocation or ""
  core.request('["call",' .. last_id .. "," .. target .. "," .. method .. "," .. args .. within .. "]")
  return last_id
end

-- Calls the host and waits for the answer; `target` and `method` are JSON text.
function core.call(target, method, ...)
  if not isyieldable() then
    refuse_waiting(method)
  elseif current.dead then
    yield(WAIT)
  end
  local id = ask(target, method, core.write_list(...))
  waiting[id] = current
  current.call = id
  yield(WAIT)
  if answered then
    local value = answer
    answer = nil
    if core.walked and core.walked[value] then
      return value, nil, nil, value -- the last is what `for` closes when it is left
    end
    return value
  elseif answered == false then
    local failure = answer
    answer = nil
    return core.errors.raise_here(failure)
  end
  -- Refused by a coroutine further out; nothing has run since the request was written.
  waiting[id], owners[id], current.call = nil, nil, nil
  last_id, outstanding, requests = last_id - 1, outstanding - 1, requests - 1
  refuse_waiting(method)
end

-- Calls the host and goes on; `on_answer(ok, value)` runs on the driver. Returns the call's id.
function core.call_later(on_answer, target, method, ...)
  local id = ask(target, method, core.write_list(...))
  waiting[id] = on_answer
  return id
end

-- Tells the host that the answer to a call is no longer wanted.
function core.cancel_call(id)
  if waiting[id] then
    waiting[id], owners[id] = nil, nil
    outstanding = outstanding - 1
    core.request('["tell","host","cancel",[' .. id .. "]]")
  end
end

-- Running ------------------------------------------------------------------------------------------------------

local function bury(task)
  task.dead, tasks[task] = true, nil
  core.live = core.live - 1
  if task.requiring then
    core.abandon_files(task)
  end
end

-- What `stopping.lua` works on.
core.started = { tasks = tasks, waiting = waiting, owners = owners, bury = bury }

local function settle(task, ok, tag, ...)
  current = nil
  if task.dead or (ok and tag == WAIT) then
    return
  elseif ok and status(task.co) == "suspended" then
    ok, tag = false, "attempt to yield from outside a coroutine"
  end
  busy[task.co] = nil
  bury(task)
  task.scope.ended = task.scope.task == task
  if not ok and core.errors.limit(tag) then
    return core.fail(tag, task.co)
  end
  return task.ended(task, ok, tag, ...)
end

local function run(task, ...)
  current = task
  return settle(task, resume(task.co, ...))
end

local function new_task(ended, f, scope)
  check_tasks(core.live) -- the main code is none of them
  last_task = last_task + 1
  local task = { co = core.new_coroutine(f), ended = ended, number = last_task, scope = scope or core.new_scope() }
  task.scope.task = task.scope.task or task
  busy[task.co], bodies[task.co], tasks[task] = true, f, true
  core.live = core.live + 1
  return task
end

-- Runs a function as a task, at once; only the driver may. `ended(task, ok, ...)` is called when it has ended.
function core.start(ended, f, ...)
  local task = new_task(ended, f)
  run(task, ...)
  return task
end

-- Runs a function as a task for the host, as `core.start` does.
function core.start_invoked(invocation, ended, f, ...)
  local task = new_task(ended, f)
  task.scope.invocation = invocation
  run(task, ...)
  return task
end

-- Runs a function as a task of a scope there is, at once; only the driver may. `body` is what the spell calls it.
function core.start_in(scope, ended, body, f, ...)
  local task = new_task(ended, f, scope)
  bodies[task.co] = body
  run(task, ...)
  return task
end

-- Runs a function as a task of a scope when the running one waits; `body` is what the spell calls it.
function core.start_later(scope, ended, body, f, ...)
  local task = new_task(ended, f, scope)
  bodies[task.co] = body
  local args, count = { ... }, select("#", ...)
  core.defer(function()
    if not task.dead then
      run(task, table.unpack(args, 1, count))
    end
  end)
end

-- Lets a task that has just stopped itself go no further.
function core.halt()
  if current and current.dead and isyieldable() then
    yield(WAIT)
  end
end

-- Suspends the running task; returns what `core.wake` is given. Where it cannot wait, raises after `undo()`.
function core.suspend(what, undo)
  if isyieldable() then
    yield(WAIT)
    if answered ~= nil then
      local value = answer
      answer = nil
      return answered, value
    end
  end
  undo()
  refuse_waiting(what)
end

function core.wake(task, ok, value)
  if not task.dead then
    answered, answer = ok, value
    run(task)
  end
end

function core.current()
  return current
end

-- Delivers the host's answer to whoever waits for it.
function core.deliver(id, ok, value)
  local waiter = waiting[id]
  if not waiter then
    return
  end
  waiting[id], owners[id] = nil, nil
  outstanding = outstanding - 1
  if type(waiter) == "table" then
    waiter.call = nil
    core.wake(waiter, ok, value)
  else
    waiter(ok, value)
  end
end

function core.outstanding()
  return outstanding
end

-- Jobs ---------------------------------------------------------------------------------------------------------

-- Queues a function of the prelude; it runs on the driver, after what runs now.
function core.defer(job)
  last = last + 1
  jobs[last] = job
end

function core.run_jobs()
  while first <= last do
    local job = jobs[first]
    jobs[first] = nil
    first = first + 1
    job()
  end
  first, last = 1, 0
end

function core.drop_jobs()
  jobs, first, last = {}, 1, 0
end
