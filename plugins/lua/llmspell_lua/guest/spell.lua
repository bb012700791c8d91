-- The part of `spell` that needs no host: what is done at the end, and the files of the spell.
local core = ...
local type, find, rawget, error, next, pcall, tonumber = type, string.find, rawget, error, next, pcall, tonumber
local metaof = debug.getmetatable
local completing, failing, closing = {}, {}, {}
local resources = {}

local function check(f, name)
  if type(f) ~= "function" then
    core.errors.raise("argument", "spell." .. name .. ": write a function, not a " .. type(f))
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
    problem = call_each(failing, 1, #failing, 1, core.errors.as_value(failure[1]))
  else
    problem = call_each(completing, 1, #completing, 1, value)
  end
  problem = call_each(closing, #closing, 1, -1) or problem
  if problem then
    error(problem[1], 0)
  end
end

local closes

-- Has that done at the end, after what others want done there.
local function close_too()
  local before = core.closing
  if closes then
    return
  end
  closes = true
  core.closing = not before and close or function(failure, value)
    before(failure, value)
    close(failure, value)
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
  close_too()
  list[#list + 1] = f
end

local function from_text(text, kind)
  if kind == "number" or kind == "integer" then
    return tonumber(text)
  elseif kind == "boolean" then
    return text == "true" or (text ~= "false" and text or false)
  end
  local ok, value = pcall(core.json.decode, text)
  return ok and value
end

local function is_list(value)
  return metaof(value) == core.LIST or value[1] ~= nil
end

local KINDS = {
  any = function()
    return true
  end,
  string = function(value)
    return type(value) == "string"
  end,
  number = function(value)
    return type(value) == "number"
  end,
  integer = function(value)
    return type(value) == "number" and value % 1 == 0
  end,
  boolean = function(value)
    return type(value) == "boolean"
  end,
  list = function(value)
    return type(value) == "table" and is_list(value)
  end,
  map = function(value)
    return type(value) == "table" and (next(value) == nil or not is_list(value))
  end,
}

local spell = {}

function spell.params(name, default, kind)
  local fits = KINDS[kind == nil and "any" or kind]
  if not fits then
    core.errors.raise("argument", "spell.params: there is no type " .. core.tostring(kind) .. "; write any, string, number, "
      .. "integer, boolean, list or map")
  end
  local value = core.globals.params[name]
  if value == nil or value == core.NULL then
    return default
  elseif not fits(value) and type(value) == "string" then
    value = from_text(value, kind)
  end
  if not fits(value) then
    core.errors.raise("parameters", "parameter '" .. core.tostring(name) .. "' must be of the type " .. kind)
  end
  return value
end

function spell.output(data, format)
  local text = core.call('"_package"', '"output"', data, format)
  core.print_text(text .. "\n")
  return text
end

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
    core.errors.raise("argument", "spell.resource: write a name and {create = function, cleanup = function}")
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
  return core.call('"_package"', '"include"', path)
end

function spell.library(name, functions)
  if type(name) ~= "string" or not find(name, "^[%a_][%w_.-]*$") or type(functions) ~= "table" then
    core.errors.raise("argument", "spell.library: write a name, of letters, digits and _, and a table of functions")
  elseif rawget(core.provided, name) then
    core.errors.raise("argument", "spell.library: there is a module " .. name .. " already; choose another name")
  end
  core.provided[name] = functions
  return functions
end

return spell
