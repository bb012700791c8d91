-- The globals of the spell: what Lua gives it, without what reaches out of the VM, and none of it writable.
local core = ...
local native, globals, locked = core.native, core.globals, core.locked
local type, next, rawget, error, select, setmetatable = type, next, rawget, error, select, setmetatable
local tostring, loaded = tostring, package.loaded
local metaof, set_metatable = debug.getmetatable, debug.setmetatable

-- Text of values ---------------------------------------------------------------------------------------------------

local numbers, last_number = setmetatable({}, core.WEAK), 0
core.numbers = numbers

-- What is shown of a value that has no text: a number in place of its address.
local function label(value)
  local number = numbers[value]
  if not number then
    last_number = last_number + 1
    number = last_number
    numbers[value] = number
  end
  local meta = metaof(value)
  local name = meta and rawget(meta, "__name")
  return (locked[value] or type(name) == "string" and name or type(value)) .. ": " .. number
end
core.label = label

-- Lua's own `tostring`, which costs half as much as any around it, shows the address of a plain table alone.
core.LIST.__tostring = label
local OPAQUE = { __tostring = label, __metatable = false }
set_metatable(label, OPAQUE)
set_metatable(coroutine.create(label), OPAQUE)

function core.tostring(value)
  local meta = type(value) == "table" and metaof(value)
  if meta == nil or (meta and rawget(meta, "__tostring") == nil) then
    return label(value)
  end
  return tostring(value)
end

-- Walking: keys come in the same order in every run ----------------------------------------------------------------

local function in_order(t)
  local i = 0
  for key in next, t do
    i = i + 1
    if key ~= i then
      return i == 1 and next(t, key) == nil
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
  return core.walking(t)
end

-- Metatables, code, memory -----------------------------------------------------------------------------------------

local GLOBALS = "_VERSION getmetatable next rawequal rawget rawlen select tonumber tostring type"
for name in string.gmatch(GLOBALS, "%S+") do
  globals[name] = native[name]
end
globals._G = globals

-- Lua 5.4 takes a nil, and says where it was only that it is none.
function globals.ipairs(...)
  if ... == nil then
    error("bad argument #1 to 'ipairs' (table expected, got " .. (select("#", ...) == 0 and "no value" or "nil") .. ")", 2)
  end
  return native.ipairs(...)
end

globals.pairs = core.pairs
globals.null, globals.list, globals.unpack = core.NULL, core.list, table.unpack

function globals.bytes(text)
  return core.bytes.make(text)
end

function globals.require(name)
  return core.modules(name)
end

-- Called as fields, natives keep their names in error messages; what is no table is refused as setmetatable's.
local read = { setmetatable = rawget, assert = native.assert }

function globals.setmetatable(t, meta)
  if meta ~= nil and read.setmetatable(meta, "__gc") ~= nil then
    error("a metatable with __gc is not allowed: nothing can bound what a finalizer does", 2)
  end
  return native.setmetatable(t, meta)
end

function globals.rawset(t, key, value)
  if locked[t] then
    error(locked[t] .. " is read-only; keep your own values in a table of your own", 2)
  end
  return native.rawset(t, key, value)
end

function globals.load(chunk, name, _, ...)
  if name == nil then
    name = type(chunk) == "string" and chunk or "=(load)"
  end
  if select("#", ...) > 0 then
    return core.checked(native.load(chunk, name, "t", (...)))
  end
  -- An error in a chunk that is a function is caught, too.
  return core.checked(native.load(chunk, name, "t", globals))
end
globals.loadstring = globals.load

function globals.collectgarbage(what, size)
  what = what or "collect"
  if what ~= "collect" and what ~= "step" and what ~= "count" then
    error("collectgarbage does 'collect', 'step' and 'count', not " .. string.format("%q", tostring(what)), 2)
  end
  return native.collectgarbage(what, size)
end

-- Raises what a spell raises, never what could be taken for a limit of the VM's.
function globals.error(value, level)
  if type(value) == "string" then
    level = level or 1
    level = type(level) == "number" and level > 0 and level + 1 or level
    native.error(core.own_words(value), level)
  end
  native.error(value, 0) -- a value that is no text has no place; LuaJIT would make text of a number
end

function globals.assert(...)
  local ok, message = ...
  if ok then
    return ...
  elseif type(message) == "string" then
    native.error(core.own_words(message), 0)
  end
  return read.assert(...)
end

-- Libraries: read-only views, each furnished when it is first touched ----------------------------------------------

local provided, makers = {}, setmetatable({}, core.WEAK)
core.provided = provided -- views by name

-- The content itself is no part of the answer: it could be written to.
local function walk_content(view)
  local content = metaof(view).__index
  local _ = content[""] -- what is added when something is missed is there from now on
  return (core.walking(content))
end

-- Gives a view its content and a metatable of its own.
local function furnish(view)
  local name = locked[view]
  local content = makers[view](view, name)
  set_metatable(view, {
    __index = content,
    __newindex = core.refuse_writing,
    __metatable = false,
    __tostring = label,
    __pairs = walk_content,
  })
  return content
end

local UNTOUCHED = {
  __index = function(view, key)
    return furnish(view)[key]
  end,
  __newindex = core.refuse_writing,
  __metatable = false,
  __tostring = label,
  __pairs = function(view)
    furnish(view)
    return walk_content(view)
  end,
}

local function new_view(name, content_of)
  local view = setmetatable({}, UNTOUCHED)
  locked[view], makers[view] = name, content_of
  return view
end

-- Puts a view among the spell's globals; `content_of(view, name)` is asked for its content once.
function core.provide(name, content_of)
  local view = new_view(name, content_of)
  provided[name], globals[name] = view, view
end

local function native_library(_, name)
  return native[name]
end

local function part(_, name)
  return core[name]
end

local LIBRARIES = {
  string = "byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
  table = "concat create insert maxn move pack remove sort unpack",
  math = "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max maxinteger min "
    .. "mininteger modf pi pow rad random randomseed sin sinh sqrt tan tanh tointeger type ult",
  utf8 = "char charpattern codepoint codes len offset",
  bit = "arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex",
}

for library, names in next, LIBRARIES do
  local allowed = {}
  for name in string.gmatch(names, "%S+") do
    allowed[name] = true
  end
  for name in next, native[library] or {} do
    if not allowed[name] then
      native[library][name] = nil
    end
  end
  if native[library] then
    core.provide(library, native_library)
  end
end
for _, name in next, { "os", "io", "coroutine", "debug", "package", "promise", "json", "time" } do
  core.provide(name, part)
end

-- Returns the spell writer's module of that name: what the guest has of it.
function core.module(name)
  return core["library/" .. name]
end

for _, name in next, { "channel", "core", "data", "errors", "testing" } do
  core.provide(name, function()
    return core.module(name)
  end)
end

-- What the guest adds to a library comes when something is missed there.
local ADDED = {
  string = { "library/strings", "template slugify truncate split trim capitalize camelcase snakecase starts_with ends_with" },
  table = { "library/tables", "keys values merge deep_copy slice reverse shuffle contains is_empty" },
}
for library, added in next, ADDED do
  local part_name, names = added[1], " " .. added[2] .. " "
  set_metatable(native[library], {
    __index = function(content, key)
      if not core.has(part_name) then
        return type(key) == "string" and string.find(names, " " .. key .. " ", 1, true) and core.refuse_unnamed(key) or nil
      end
      set_metatable(content, nil)
      for name, f in next, core[part_name] do
        content[name] = f
      end
      return content[key]
    end,
  })
end

local string_meta = metaof("")
string_meta.__metatable = new_view("the metatable of strings", function()
  return { __index = provided.string }
end)
local randomseed = math.randomseed
core.randomseed = randomseed

function math.randomseed(...)
  if select("#", ...) == 0 then
    return randomseed(core.seed)
  end
  return randomseed(...)
end

math.pow = math.pow or function(x, y)
  return x ^ y
end

-- What the guest has no use for either.
native.os = { clock = os.clock, date = os.date }
for _, name in next, { "io", "package", "require", "python", "dofile", "print" } do
  native[name] = nil
end
for _, name in next, { "io", "os", "package", "python", "debug" } do
  loaded[name] = nil
end
