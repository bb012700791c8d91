-- The spell's functions that the host holds, and its invocations of them.
local core = ...
local next, pcall, unpack = next, pcall, table.unpack
local by_id, ids, last_function = {}, {}, 0
local invocations = {} -- true, or the task that runs it
local functions = { by_id = by_id }

function functions.id_of(f)
  local id = ids[f]
  if not id then
    last_function = last_function + 1
    id = last_function
    ids[f], by_id[id] = id, f
    core.held_functions = core.held_functions + 1
  end
  return id
end

function functions.forget(forgotten)
  for _, id in next, forgotten do
    if by_id[id] then
      ids[by_id[id]], by_id[id] = nil, nil
      core.held_functions = core.held_functions - 1
    end
  end
end

local function answer(invocation, request)
  if invocations[invocation] then
    invocations[invocation] = nil
    core.live_invocations = core.live_invocations - 1
    core.request(request)
  end
end

local function throw(invocation, value, co)
  answer(invocation, '["throw",' .. invocation .. "," .. core.errors.describe(value, co) .. "]")
end

local function run(invocation, f, args)
  local function ended(task, ok, ...)
    if not ok then
      return throw(invocation, (...), task.co)
    end
    local written, text = pcall(core.values_text, ...)
    if not written then
      return throw(invocation, text)
    end
    answer(invocation, '["return",' .. invocation .. "," .. text .. "]")
  end
  local count = #args
  for i = 1, count do
    if args[i] == core.NULL then
      args[i] = nil
    end
  end
  local task = core.start_invoked(invocation, ended, f, unpack(args, 1, count))
  if invocations[invocation] then
    invocations[invocation] = task
  end
end

-- Stops an invocation that nobody waits for any more, and what it has started.
function functions.abort(invocation)
  local task = invocations[invocation]
  if task then
    invocations[invocation] = nil
    core.live_invocations = core.live_invocations - 1
    core.stopping.stop(task.scope, core.errors.value({ kind = "cancelled", message = "nobody waits for it any more" }))
  end
end

-- Calls a function for the host; `problem` is what was wrong with the arguments.
function functions.invoke(invocation, id, args, problem)
  invocations[invocation] = true
  core.live_invocations = core.live_invocations + 1
  local f = by_id[id]
  if not f and not problem then
    problem = core.errors.value({ kind = "call", message = "the spell has no function " .. id .. " (any more)" })
  end
  if problem then
    return throw(invocation, problem)
  end
  run(invocation, f, args)
end

-- Answers none of those that still run.
function functions.drop()
  invocations, core.live_invocations = {}, 0
end

-- Answers all that still run, which nothing will bring to an end.
function functions.throw_all(problem)
  for invocation in next, invocations do
    throw(invocation, core.errors.value(problem))
  end
end

return functions
