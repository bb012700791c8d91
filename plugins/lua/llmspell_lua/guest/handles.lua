-- What stands for an object of the host: its methods are calls, and the host hears when the spell drops it.
local core = ...
local rawequal, rawset, next, setmetatable = rawequal, rawset, next, setmetatable
local concat, call, is_name = table.concat, core.call, core.is_name

local ids, types = setmetatable({}, core.WEAK), setmetatable({}, core.WEAK)
local walkable = setmetatable({}, core.WEAK)
local sentinels = newproxy and setmetatable({}, core.WEAK)
local handles = setmetatable({}, { __mode = "v" })
local dropped, drops = {}, 0
local HANDLE = { __metatable = false }

core.special[HANDLE] = function(handle)
  core.writer.emit('{"$":["handle",' .. ids[handle] .. "]}")
end

local function drop(id)
  drops = drops + 1
  dropped[drops] = id
end

function HANDLE.__gc(handle)
  drop(ids[handle])
end

-- Called by Lua when a loop over the handle is left, or a local with `<close>` goes.
function HANDLE.__close(handle)
  core.request('["release",[' .. ids[handle] .. "]]")
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
  local target, method = ids[handle], '"' .. key .. '"'
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
  core.errors.raise("runtime", "a handle is read-only; keep your own values in a table of your own")
end

function HANDLE.__tostring(handle)
  return types[handle] .. ": " .. ids[handle]
end

function HANDLE.__call(handle)
  if not walkable[handle] then
    core.errors.raise("call", "a " .. types[handle] .. " is no function, and nothing to be walked; call its methods")
  end
  local item = call(ids[handle], '"next"')
  return item and item[1]
end

function HANDLE.__pairs()
  return next, {}
end

-- Asks the host to let go of the handles that the spell dropped since.
function core.release_dropped()
  if drops == 0 then
    return
  end
  local list, count, released, n = dropped, drops, {}, 0
  dropped, drops = {}, 0
  for i = 1, count do
    if not handles[list[i]] then
      n = n + 1
      released[n] = list[i]
    end
  end
  if n > 0 then
    core.request('["release",[' .. concat(released, ",") .. "]]")
  end
end

return {
  get = function(id, kind, iterable)
    local handle = handles[id]
    if not handle then
      handle = {}
      ids[handle], types[handle], handles[id] = id, kind, handle
      walkable[handle] = iterable or nil
      setmetatable(handle, HANDLE)
      if iterable and coroutine.close then
        core.walked = core.walked or setmetatable({}, core.WEAK)
        core.walked[handle] = true
      end
      if sentinels then
        watch(handle, id)
      end
    end
    return handle
  end,
}
