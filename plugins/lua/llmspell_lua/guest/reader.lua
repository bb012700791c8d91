-- JSON text to script values: the wire format of docs/protocol.md#wire.
local core = ...
local find, sub, byte, char, gsub = string.find, string.sub, string.byte, string.char, string.gsub
local setmetatable, tonumber = setmetatable, tonumber
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
      return core.tags[tag[1]](tag), i + 1
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
