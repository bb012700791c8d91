-- What the host offers to the spell: bridges, handles, output, sleep; and the spell's functions offered to it.
local core = ...
local type, find, rawequal, rawset, next, setmetatable, select, error = type, string.find, rawequal, rawset, next, setmetatable, select, error
local concat = table.concat

-- Functions --------------------------------------------------------------------------------------------------------

local functions, ids, last_function = {}, {}, 0
core.functions = functions
core.held_functions = 0

function core.function_id(f)
  local id = ids[f]
  if not id then
    last_function = last_function + 1
    id = last_function
    ids[f], functions[id] = id, f
    core.held_functions = core.held_functions + 1
  end
  return id
end

function core.forget(id)
  if functions[id] then
    ids[functions[id]], functions[id] = nil, nil
    core.held_functions = core.held_functions - 1
  end
end

-- Bridges ----------------------------------------------------------------------------------------------------------

local call = core.call

local function is_name(name)
  return type(name) == "string" and find(name, "^%a[%w_]*$") ~= nil
end

local function bridge(name)
  local target = core.quoted(name)
  local guest = core.guest_modules[name] -- its functions stay, the bridge's are added
  local proxy
  local methods = setmetatable({}, {
    __index = function(methods, key)
      local own = guest and core.use(name)[key] or nil
      if own ~= nil or not is_name(key) then
        return own
      end
      local method = '"' .. key .. '"'
      local function ask(self, ...)
        if rawequal(self, proxy) then
          return call(target, method, ...)
        end
        return call(target, method, self, ...)
      end
      rawset(methods, key, ask)
      return ask
    end,
  })
  proxy = core.provide(name, methods)
end

function core.bind(names)
  for _, name in next, names do
    bridge(name)
  end
end

-- Handles ----------------------------------------------------------------------------------------------------------

local handle_ids = setmetatable({}, { __mode = "k" })
local handle_types = setmetatable({}, { __mode = "k" })
local sentinels = newproxy and setmetatable({}, { __mode = "k" })
local handles = setmetatable({}, { __mode = "v" })
local dropped, drops = {}, 0
local HANDLE = core.HANDLE

local function drop(id)
  drops = drops + 1
  dropped[drops] = id
end

function HANDLE.__gc(handle)
  drop(handle_ids[handle])
end

-- LuaJIT finalizes userdata only: one is kept beside each handle.
local function watch(handle, id)
  local sentinel = newproxy(true)
  debug.getmetatable(sentinel).__gc = function()
    drop(id)
  end
  sentinels[handle] = sentinel
end

function HANDLE.__index(handle, key)
  if not is_name(key) then
    return nil
  end
  local target, method = handle_ids[handle], '"' .. key .. '"'
  local function ask(self, ...)
    if rawequal(self, handle) then
      return call(target, method, ...)
    end
    return call(target, method, self, ...)
  end
  rawset(handle, key, ask)
  return ask
end

function HANDLE.__newindex()
  core.raise("runtime", "a handle is read-only; keep your own values in a table of your own")
end

function HANDLE.__tostring(handle)
  return handle_types[handle] .. ": " .. handle_ids[handle]
end

function HANDLE.__call(handle)
  local item = call(handle_ids[handle], '"next"')
  return item and item[1]
end

function HANDLE.__pairs()
  return next, {}
end

function core.handle(id, kind, _)
  local handle = handles[id]
  if not handle then
    handle = {}
    handle_ids[handle], handle_types[handle], handles[id] = id, kind, handle
    setmetatable(handle, HANDLE)
    if sentinels then
      watch(handle, id)
    end
  end
  return handle
end

function core.handle_id(handle)
  return handle_ids[handle]
end

-- Asks the host to let go of the handles that the spell dropped since.
function core.release_dropped()
  if drops == 0 then
    return
  end
  local list, count, ids, n = dropped, drops, {}, 0
  dropped, drops = {}, 0
  for i = 1, count do
    if not handles[list[i]] then
      n = n + 1
      ids[n] = list[i]
    end
  end
  if n > 0 then
    core.request('["release",[' .. concat(ids, ",") .. "]]")
  end
end

-- Output and sleep -------------------------------------------------------------------------------------------------

local function print_text(text)
  core.request('["tell","host","print",[' .. core.text_of(text) .. ',"info"]]')
end

function core.globals.print(...)
  local texts = { ... }
  for i = 1, select("#", ...) do
    texts[i] = core.tostring(texts[i])
  end
  print_text(concat(texts, "\t") .. "\n")
end

function core.globals.sleep(seconds)
  call('"host"', '"sleep"', seconds)
end

local io
local function write(first, ...)
  local texts = rawequal(first, io) and { ... } or { first, ... }
  for i = 1, #texts do
    if type(texts[i]) ~= "string" and type(texts[i]) ~= "number" then
      error("io.write takes strings and numbers, not a " .. type(texts[i]), 2)
    end
    texts[i] = core.tostring(texts[i])
  end
  print_text(concat(texts))
  return io
end
io = core.provide("io", { write = write })
