-- The kinds of script values that Lua has no form for: null, lists, bytes, errors.
local core = ...
local setmetatable, rawget, type, error, next = setmetatable, rawget, type, error, next

-- What the host provides cannot be written to: `locked` names it.
local locked = setmetatable({}, { __mode = "k" })
core.locked = locked

local function refuse_writing(proxy)
  error(locked[proxy] .. " is read-only; keep your own values in a table of your own", 2)
end

-- Returns a read-only view of `content`, called `name` in errors.
function core.lock(name, content)
  local proxy = {}
  local meta = { __index = content, __newindex = refuse_writing, __metatable = false, __name = name }
  function meta.__pairs()
    return core.pairs(content)
  end
  locked[proxy] = name
  return setmetatable(proxy, meta), meta
end

core.NULL = setmetatable({}, {
  __newindex = refuse_writing,
  __metatable = false,
  __tostring = function()
    return "null"
  end,
})
locked[core.NULL] = "null"
core.null_meta = debug.getmetatable(core.NULL)

core.LIST = { __metatable = false }

function core.list(items)
  if items == nil then
    items = {}
  elseif type(items) ~= "table" then
    error("list takes a table, not a " .. type(items), 2)
  end
  if debug.getmetatable(items) == core.LIST then
    return items
  end
  return setmetatable(items, core.LIST)
end

-- Bytes are opaque; in LuaJIT only userdata can have a length.
local contents = setmetatable({}, { __mode = "k" })
core.contents = contents
local BYTES = {
  __metatable = false,
  __len = function(b)
    return #contents[b]
  end,
  __tostring = function(b)
    return contents[b]
  end,
  __eq = function(a, b)
    return contents[a] ~= nil and contents[a] == contents[b]
  end,
  __newindex = function()
    error("bytes cannot be changed; make new ones with bytes(text)", 2)
  end,
}
core.BYTES = BYTES
core.HANDLE = { __metatable = false }

local new_opaque
if newproxy then
  local prototype = newproxy(true)
  for name, method in next, BYTES do
    debug.getmetatable(prototype)[name] = method
  end
  core.BYTES = debug.getmetatable(prototype)
  new_opaque = function()
    return newproxy(prototype)
  end
else
  new_opaque = function()
    return setmetatable({}, BYTES)
  end
end

function core.bytes(text)
  if contents[text] then
    return text
  end
  if type(text) ~= "string" then
    error("bytes takes a string, not a " .. type(text), 2)
  end
  local made = new_opaque()
  contents[made] = text
  if not newproxy then
    locked[made] = "a bytes value"
  end
  return made
end

local function message_of(e)
  local message = rawget(e, "message")
  return type(message) == "string" and message or "error"
end

core.ERROR = {
  __metatable = "error",
  __tostring = message_of,
  __concat = function(a, b)
    return core.tostring(a) .. core.tostring(b)
  end,
}

function core.error_value(fields)
  return setmetatable(fields, core.ERROR)
end
