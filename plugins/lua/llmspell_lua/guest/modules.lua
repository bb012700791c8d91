-- `require`: the files of the spell, and whatever else has a name.
local core = ...
local loaded, loading = {}, {}
local native, files, type, error, gsub = core.native, core.files, type, error, string.gsub
local concat = table.concat

-- Returns the spell's file as a function; it was checked before.
function core.load_file(file)
  local chunk, problem = native.load(files[file], "@" .. file, "t")
  if not chunk then
    core.raise("syntax", problem)
  end
  core.know_file(file, debug.getinfo(chunk, "S").short_src)
  return chunk
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

local function run(file)
  local task = core.current()
  local turn = { task = task, waiters = {}, caller = task.requiring }
  loading[file], task.requiring = turn, file
  local ok, value = (core.xpcall or native.xpcall)(core.load_file(file), core.keep_trace, file)
  loading[file], task.requiring = nil, turn.caller
  for _, waiter in next, turn.waiters do
    core.defer(function()
      core.wake(waiter, true)
    end)
  end
  if not ok then
    error(value, 0)
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
    table.insert(chain, 1, at)
    at = loading[at].caller
  end
  table.insert(chain, 1, file)
  core.raise("runtime", "modules require each other in a circle: " .. concat(chain, " -> "))
end

local function wait_for(file)
  local waiters = loading[file].waiters
  waiters[#waiters + 1] = core.current()
  core.suspend("require", function()
    waiters[#waiters] = nil
  end)
end

function core.globals.require(name)
  if type(name) ~= "string" then
    error("require takes a module's name, not a " .. type(name), 2)
  elseif core.modules[name] then
    return core.modules[name]
  end
  local file = find_file(name)
  if not file then
    core.raise("runtime", "no module named '" .. name .. "': no file of the spell, no bridge and no built-in is called so")
  end
  while loading[file] do
    if loading[file].task == core.current() then
      refuse_cycle(file)
    end
    wait_for(file)
  end
  if loaded[file] then
    return loaded[file][1], file
  end
  return run(file), file
end
