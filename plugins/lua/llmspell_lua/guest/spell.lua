-- The part of `spell` that needs no host: what is done at the end, and the files of the spell.
local core = ...
local type, find, rawget, error = type, string.find, rawget, error
local completing, failing, closing = {}, {}, {}
local resources = {}

local function check(f, name)
  if type(f) ~= "function" then
    core.errors.raise("call", "spell." .. name .. ": write a function, not a " .. type(f))
  end
end

-- Calls functions one after the other, whatever becomes of each; returns the first error, in a table.
local function call_each(functions, from, to, by, argument)
  local problem
  for i = from, to, by do
    local ok, value = core.xpcall(functions[i], core.errors.keep_trace, argument)
    if not ok and not problem then
      problem = { value }
    end
  end
  return problem
end

-- Runs once, as the last task of the spell.
local function close(failure, value)
  local problem
  if failure then
    problem = call_each(failing, 1, #failing, 1, failure[1])
  else
    problem = call_each(completing, 1, #completing, 1, value)
  end
  problem = call_each(closing, #closing, 1, -1) or problem
  if problem then
    error(problem[1], 0)
  end
end

local function check_open(name)
  if core.is_closing then
    core.errors.raise("call", "spell." .. name .. ": the spell is at its end; say earlier what is done there")
  end
end

local function keep(list, f, name)
  check(f, name)
  check_open(name)
  core.closing = close
  list[#list + 1] = f
end

local spell = {}

function spell.on_start(f)
  check(f, "on_start")
  f(core.globals.params)
end

function spell.on_complete(f)
  keep(completing, f, "on_complete")
end

function spell.on_error(f)
  keep(failing, f, "on_error")
end

function spell.on_cleanup(f)
  keep(closing, f, "on_cleanup")
end

function spell.resource(name, functions)
  if type(name) ~= "string" or type(functions) ~= "table" then
    core.errors.raise("call", "spell.resource: write a name and {create = function, cleanup = function}")
  elseif resources[name] then
    return resources[name][1]
  end
  check(functions.create, "resource: create")
  check(functions.cleanup, "resource: cleanup")
  check_open("resource")
  local made, cleanup = functions.create(), functions.cleanup
  resources[name] = { made }
  keep(closing, function()
    cleanup(made)
  end, "resource")
  return made
end

function spell.include(path)
  if type(path) == "string" and core.files[path] then
    return (core.modules(path))
  end
  return core.call('"spell"', '"include"', path)
end

function spell.library(name, functions)
  if type(name) ~= "string" or not find(name, "^[%a_][%w_.-]*$") or type(functions) ~= "table" then
    core.errors.raise("call", "spell.library: write a name, of letters, digits and _, and a table of functions")
  elseif rawget(core.provided, name) then
    core.errors.raise("call", "spell.library: there is a module " .. name .. " already; choose another name")
  end
  core.provided[name] = functions
  return functions
end

return spell
