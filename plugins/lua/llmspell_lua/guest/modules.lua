-- `require`: the files of the spell, and whatever else has a name.
local core = ...
local loaded, loading, named = {}, {}, {}
local files, type, error, next, tonumber, load = core.files, type, error, next, tonumber, load
local rawget, setmetatable = rawget, setmetatable
local sub, gsub, match, find = string.sub, string.gsub, string.match, string.find
local concat, insert = table.concat, table.insert

-- What was required by each name, and how to make what has no file; the spell may write into both.
local packages = { loaded = setmetatable({}, { __index = core.provided, __metatable = false }), preload = {} }
core.packages = packages

local function missing(name)
  return "no module named '" .. name .. "': no file of the spell, no bridge and no built-in is called so" .. core.missing.module(name)
end

-- Returns the line and the message of what is wrong with a text.
local function problem_of(text)
  local valid, at = utf8.len(text)
  if not valid then
    local _, lines = gsub(sub(text, 1, at), "\n", "")
    return lines + 1, "not UTF-8"
  end
  local _, problem = load(text, "=spell", "t")
  local line, message = match(problem, "^spell:(%d+): (.*)$")
  return tonumber(line), message or problem
end

-- Returns a file of the spell as a function; what is wrong with it is raised at its own line.
local function load_file(file)
  local text = files[file]
  local chunk = utf8.len(text) and load(text, "@" .. file, "t", core.globals)
  if chunk then
    return chunk
  end
  local line, message = problem_of(text)
  error(core.errors.value({
    kind = find(message, "<eof>'?$") and "incomplete" or "syntax",
    message = message,
    file = file,
    line = line,
    traceback = core.errors.traceback(),
  }), 0)
end

local function find_file(name)
  local path = gsub(name, "^%./", "")
  if files[path] then
    return path
  end
  path = gsub(gsub(path, "%.lua$", ""), "%.", "/")
  for _, folder in next, { "", "lib/" } do
    for _, ending in next, { ".lua", "/init.lua" } do
      if files[folder .. path .. ending] then
        return folder .. path .. ending
      end
    end
  end
end

function packages.find(name)
  local file = type(name) == "string" and find_file(name)
  if file then
    return file
  end
  return nil, missing(core.tostring(name))
end

-- Ends the turn of the task that loads a file, and has those go on that wait for it.
local function end_turn(file)
  local turn = loading[file]
  loading[file], turn.task.requiring = nil, turn.caller
  for _, waiter in next, turn.waiters do
    core.defer(function()
      core.wake(waiter, true)
    end)
  end
end

-- Has the files that a stopped task was loading be loaded by whoever requires them next.
function core.abandon_files(task)
  while task.requiring do
    end_turn(task.requiring)
  end
end

local function run(file, name)
  local chunk, task = load_file(file), core.current()
  loading[file], task.requiring = { task = task, waiters = {}, caller = task.requiring }, file
  local ok, value = core.xpcall(chunk, core.errors.keep_trace, name, file)
  end_turn(file)
  if not ok then
    error(value, 0)
  end
  if value == nil then
    value = rawget(packages.loaded, name)
  end
  if value == nil then
    value = true
  end
  loaded[file] = { value }
  return value
end

local function refuse_cycle(file)
  local chain, at = { file }, core.current().requiring
  while at and at ~= file do
    insert(chain, 1, at)
    at = loading[at].caller
  end
  insert(chain, 1, file)
  core.errors.raise("runtime", "modules require each other in a circle: " .. concat(chain, " -> "))
end

local function wait_for(file)
  local waiters = loading[file].waiters
  waiters[#waiters + 1] = core.current()
  core.suspend("require", function()
    waiters[#waiters] = nil
  end)
end

local function keep(name, value, file)
  if value == nil then
    value = true
  end
  packages.loaded[name], named[name] = value, file
  return value, file
end

return function(name)
  if type(name) ~= "string" then
    error("require takes a module's name, not a " .. type(name), 2)
  end
  local known = packages.loaded[name]
  if known ~= nil then
    return known, named[name]
  elseif packages.preload[name] then
    return keep(name, packages.preload[name](name, ":preload:"), ":preload:")
  end
  local file = find_file(name)
  if not file then
    core.errors.raise("runtime", missing(name))
  end
  if named[name] == file then
    loaded[file] = nil -- the spell has taken it out of what was required
  end
  while loading[file] do
    if loading[file].task == core.current() then
      refuse_cycle(file)
    end
    wait_for(file)
  end
  if loaded[file] then
    return keep(name, loaded[file][1], file)
  end
  return keep(name, run(file, name), file)
end
