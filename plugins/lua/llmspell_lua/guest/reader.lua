-- JSON text to script values: the wire format of docs/protocol.md#wire.
local core = ...
local find, sub, byte, char, gsub = string.find, string.sub, string.byte, string.char, string.gsub
local next, setmetatable, tonumber = next, setmetatable, tonumber
local LIST, NULL = core.LIST, core.NULL

local s
local UNESCAPED = { n = "\n", r = "\r", t = "\t", b = "\b", f = "\f" }

local function unescape(mark, rest)
  if mark == "u" then
    return char(tonumber(rest, 16))
  end
  return (UNESCAPED[mark] or mark) .. rest
end

local function read_escaped(from, at)
  while byte(s, at) ~= 34 do
    at = find(s, '["\\]', at + 2)
  end
  -- The host escapes nothing but quotes, backslashes and control characters.
  return gsub(sub(s, from, at - 1), "\\(.)(%x?%x?%x?%x?)", unescape), at + 1
end

local TAGS = {
  bytes = function(tag)
    return core.bytes(core.use("base64").decode(tag[2]))
  end,
  float = function(tag)
    local name = tag[2]
    return name == "nan" and 0 / 0 or name == "inf" and 1 / 0 or name == "-inf" and -1 / 0 or tonumber(name) + 0.0
  end,
  int = function(tag)
    if core.doubles then
      core.unreadable = "the integer " .. tag[2] .. " is beyond what LuaJIT keeps exactly; pass it as text"
      return NULL
    end
    return tonumber(tag[2])
  end,
  handle = function(tag)
    return core.handle(tag[2], tag[3], tag[4])
  end,
  error = function(tag)
    return core.read_error(tag[2])
  end,
  map = function(tag)
    local map = {}
    for _, pair in next, tag[2] do
      map[pair[1]] = pair[2]
    end
    return map
  end,
}
TAGS["function"] = function(tag)
  return core.functions[tag[2]]
end

local function read(i)
  local c = byte(s, i)
  if c == 34 then
    local q = find(s, '["\\]', i + 1)
    if byte(s, q) == 34 then
      return sub(s, i + 1, q - 1), q + 1
    end
    return read_escaped(i + 1, q)
  elseif c == 123 then
    local map = {}
    if byte(s, i + 1) == 125 then
      return map, i + 2
    end
    repeat
      local q, key = find(s, '["\\]', i + 2)
      if byte(s, q) == 34 then
        key = sub(s, i + 2, q - 1)
        i = q + 1
      else
        key, i = read_escaped(i + 2, q)
      end
      map[key], i = read(i + 1)
    until byte(s, i) == 125
    local tag = map["$"]
    if tag then
      return TAGS[tag[1]](tag), i + 1
    end
    return map, i + 1
  elseif c == 91 then
    local list, n = setmetatable({}, LIST), 0
    if byte(s, i + 1) == 93 then
      return list, i + 2
    end
    repeat
      n = n + 1
      list[n], i = read(i + 1)
    until byte(s, i) == 93
    return list, i + 1
  elseif c == 116 then
    return true, i + 4
  elseif c == 102 then
    return false, i + 5
  elseif c == 110 then
    return NULL, i + 4
  end
  local _, last = find(s, "^[%d.eE+-]+", i)
  return tonumber(sub(s, i, last)), last + 1
end
core.read = read

-- `read(i)` reads the value at `i` of the text given here, and returns it with the position after it.
function core.begin_reading(text)
  s = text
end

