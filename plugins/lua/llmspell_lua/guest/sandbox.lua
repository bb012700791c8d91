-- The globals of the spell: what Lua gives it, without what reaches out of the VM, and none of it writable.
local core = ...
local native, globals = core.native, core.globals
local type, next, rawget, error, select, setmetatable = type, next, rawget, error, select, setmetatable
local metaof, find, sort = debug.getmetatable, string.find, table.sort
-- Called as fields, natives keep their names in error messages.
local native_tostring, native_string = tostring, string
local locked = core.locked

-- Text of values: no address is ever shown -----------------------------------------------------------------------

local BY_REFERENCE = { table = true, ["function"] = true, thread = true, userdata = true }
local numbers, last_number = setmetatable({}, { __mode = "k" }), 0

local function label(value)
  local number = numbers[value]
  if not number then
    last_number = last_number + 1
    number = last_number
    numbers[value] = number
  end
  local meta = metaof(value)
  local name = meta and rawget(meta, "__name")
  return (type(name) == "string" and name or type(value)) .. ": " .. number
end

local function to_string(value)
  local kind = type(value)
  if kind == "number" or kind == "string" or not BY_REFERENCE[kind] then
    return native_tostring(value)
  end
  local meta = metaof(value)
  if meta and rawget(meta, "__tostring") ~= nil then
    return native_tostring(value)
  end
  return label(value)
end
core.tostring = to_string

-- What the address of an object looks like on this platform.
local ADDRESS = find(native_tostring({}), "0x", 1, true) and "0x" or "%x%x%x%x%x%x"
local PLAIN = ADDRESS == "0x"

local function format_by_hand(text, ...)
  local args, at, count = { ... }, 0, select("#", ...)
  local converted = string.gsub(text, "%%([^%%%a]*)(.)", function(flags, letter)
    if letter == "%" then
      return nil
    end
    at = at + 1
    if at <= count and BY_REFERENCE[type(args[at])] and (letter == "s" or letter == "p") then
      args[at] = letter == "s" and to_string(args[at]) or label(args[at])
    elseif letter == "p" then
      args[at] = "(null)"
    end
    return letter == "p" and "%" .. flags .. "s" or nil
  end)
  return native_string.format(converted, table.unpack(args, 1, count))
end

local function format(...)
  local text = native_string.format(...)
  if find(text, ADDRESS, 1, PLAIN) then
    return format_by_hand(...)
  end
  return text
end

-- Walking: keys come in the same order in every run ----------------------------------------------------------------

local RANK = { number = 1, string = 2, boolean = 3 }

local function comes_before(a, b)
  local left, right = RANK[type(a)] or 4, RANK[type(b)] or 4
  if left ~= right then
    return left < right
  elseif left == 1 then
    local left_whole, right_whole = a % 1 == 0, b % 1 == 0
    if left_whole ~= right_whole then
      return left_whole
    end
    return a < b
  elseif left == 2 then
    return a < b
  elseif left == 3 then
    return b and not a
  end
  return (numbers[a] or 0) < (numbers[b] or 0)
end

local function sorted_keys(t)
  local keys, n, texts = {}, 0, true
  for key in next, t do
    n = n + 1
    keys[n] = key
    texts = texts and type(key) == "string"
  end
  if texts then
    sort(keys)
  else
    sort(keys, comes_before)
  end
  return keys
end

local function walk_sorted(t)
  local keys, i = sorted_keys(t), 0
  return function()
    local key, value
    repeat
      i = i + 1
      key = keys[i]
      if key == nil then
        return nil
      end
      value = rawget(t, key)
    until value ~= nil
    return key, value
  end,
    t
end

local function in_order(t)
  local i = 0
  for key in next, t do
    i = i + 1
    if key ~= i then
      return false
    end
  end
  return true
end

function core.pairs(...)
  local t = ...
  local meta = metaof(t)
  local own = meta and rawget(meta, "__pairs")
  if own then
    local f, state, start = own(t)
    return f, state, start
  elseif type(t) ~= "table" then
    return native.pairs(...)
  elseif in_order(t) then
    return next, t
  end
  return walk_sorted(t)
end

-- Metatables -------------------------------------------------------------------------------------------------------

local function set_safe_metatable(t, meta)
  if type(meta) == "table" and rawget(meta, "__gc") ~= nil then
    error("a metatable with __gc is not allowed: nothing can bound what a finalizer does", 2)
  end
  return native.setmetatable(t, meta)
end

local function raw_set(t, key, value)
  if locked[t] then
    error(locked[t] .. " is read-only; keep your own values in a table of your own", 2)
  end
  return native.rawset(t, key, value)
end

-- Code, memory -----------------------------------------------------------------------------------------------------

local function load_text(chunk, name, _, ...)
  if name == nil then
    name = type(chunk) == "string" and chunk or "=(load)"
  end
  if select("#", ...) > 0 then
    return native.load(chunk, name, "t", (...))
  end
  return native.load(chunk, name, "t")
end

local COLLECT = { collect = true, step = true, count = true }

local function collect(what, size)
  what = what or "collect"
  if not COLLECT[what] then
    error("collectgarbage does 'collect', 'step' and 'count', not " .. native_string.format("%q", native_tostring(what)), 2)
  end
  return native.collectgarbage(what, size)
end

-- Libraries --------------------------------------------------------------------------------------------------------

local LIBRARIES = {
  string = "byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
  table = "concat create insert maxn move pack remove sort unpack",
  math = "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max maxinteger min "
    .. "mininteger modf pi pow rad random sin sinh sqrt tan tanh tointeger type ult",
  utf8 = "char charpattern codepoint codes len offset",
  bit = "arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex",
}
local GLOBALS = "_VERSION assert error getmetatable ipairs next pcall rawequal rawget rawlen select tonumber type xpcall"

local function copied(names, from)
  local made = {}
  for name in string.gmatch(names, "%S+") do
    made[name] = from[name]
  end
  return made
end

core.modules = {}

function core.provide(name, content)
  local proxy, meta = core.lock(name, content)
  core.modules[name] = proxy
  globals[name] = proxy
  return proxy, meta
end

for name in next, globals do
  globals[name] = nil
end
for name, value in next, copied(GLOBALS, native) do
  globals[name] = value
end
for name, value in
  next,
  {
    _G = globals,
    tostring = to_string,
    pairs = core.pairs,
    setmetatable = set_safe_metatable,
    rawset = raw_set,
    load = load_text,
    loadstring = load_text,
    collectgarbage = collect,
    unpack = table.unpack,
    null = core.NULL,
    list = core.list,
    bytes = core.bytes,
  }
do
  globals[name] = value
end
if core.doubles then
  -- As in Lua 5.4, a number that is raised stays a number.
  function globals.error(value, level)
    return native.error(value, type(value) == "number" and 0 or level)
  end
end
globals.pcall, globals.xpcall = core.pcall or pcall, core.xpcall or xpcall

local strings = copied(LIBRARIES.string, string)
strings.format = format
core.provide("string", strings)
local string_meta = metaof("")
string_meta.__index = strings
string_meta.__metatable = core.lock("the metatable of strings", { __index = core.modules.string })

core.provide("table", copied(LIBRARIES.table, table))

local maths = copied(LIBRARIES.math, math)
maths.pow = math.pow or function(x, y)
  return x ^ y
end
function maths.randomseed(...)
  if select("#", ...) == 0 then
    return math.randomseed(core.seed)
  end
  return math.randomseed(...)
end
core.provide("math", maths)
core.provide("utf8", copied(LIBRARIES.utf8, utf8))
core.provide("coroutine", core.coroutine)
if bit then
  core.provide("bit", copied(LIBRARIES.bit, bit))
end
core.provide("debug", {
  traceback = function(message)
    if type(message) ~= "string" and message ~= nil then
      return message
    end
    return (message and message .. "\n" or "") .. "stack traceback:\n" .. core.traceback()
  end,
})
