-- What LuaJIT lacks of Lua 5.4's library, for the prelude and for spells.
local core = ...
local byte, char, find, concat, floor = string.byte, string.char, string.find, table.concat, math.floor
local select, type, error, tonumber = select, type, error, tonumber

core.doubles = true

table.unpack = unpack
table.pack = table.pack or function(...)
  return { n = select("#", ...), ... }
end

math.maxinteger, math.mininteger = 9007199254740991, -9007199254740991

function math.type(x)
  if type(x) ~= "number" then
    return nil
  end
  local whole = x % 1 == 0 and x <= math.maxinteger and x >= math.mininteger and (x ~= 0 or 1 / x > 0)
  return whole and "integer" or "float"
end

function math.tointeger(x)
  x = tonumber(x)
  return x and x % 1 == 0 and x <= math.maxinteger and x >= math.mininteger and x or nil
end

function rawlen(t)
  return #t
end

utf8 = { charpattern = "[%z\1-\127\194-\244][\128-\191]*" }

local function encode(code)
  if type(code) ~= "number" or code < 0 or code > 0x10FFFF then
    error("bad argument to 'char' (value out of range)", 3)
  elseif code < 0x80 then
    return char(code)
  elseif code < 0x800 then
    return char(0xC0 + floor(code / 0x40), 0x80 + code % 0x40)
  elseif code < 0x10000 then
    return char(0xE0 + floor(code / 0x1000), 0x80 + floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
  end
  return char(
    0xF0 + floor(code / 0x40000),
    0x80 + floor(code / 0x1000) % 0x40,
    0x80 + floor(code / 0x40) % 0x40,
    0x80 + code % 0x40
  )
end

function utf8.char(...)
  local made = {}
  for i = 1, select("#", ...) do
    made[i] = encode((select(i, ...)))
  end
  return concat(made)
end

local LEAST = { 0, 0x80, 0x800, 0x10000 }

-- Returns the code point at a byte position and how many bytes it takes; nil where there is none.
local function decode(s, i)
  local a = byte(s, i)
  if a < 0x80 then
    return a, 1
  end
  local size = a >= 0xF5 and 0 or a >= 0xF0 and 4 or a >= 0xE0 and 3 or a >= 0xC2 and 2 or 0
  local code = size > 0 and a % 2 ^ (7 - size)
  for k = 1, size - 1 do
    local c = byte(s, i + k)
    if not c or c < 0x80 or c > 0xBF then
      return nil
    end
    code = code * 64 + c - 0x80
  end
  if not code or code < LEAST[size] or code > 0x10FFFF or (code >= 0xD800 and code <= 0xDFFF) then
    return nil
  end
  return code, size
end

local function position(s, i, default)
  i = i or default
  return i < 0 and #s + i + 1 or i
end

function utf8.len(s, i, j)
  i, j = position(s, i, 1), position(s, j, -1)
  local count = 0
  while i <= j do
    local skip = find(s, "[\128-\255]", i)
    if not skip or skip > j then
      return count + j - i + 1
    end
    count = count + skip - i
    local code, size = decode(s, skip)
    if not code then
      return nil, skip
    end
    count, i = count + 1, skip + size
  end
  return count
end

function utf8.codepoint(s, i, j)
  i = position(s, i, 1)
  j = position(s, j, i)
  local codes, n = {}, 0
  while i <= j do
    local code, size = decode(s, i)
    if not code then
      error("invalid UTF-8 code", 2)
    end
    n = n + 1
    codes[n], i = code, i + size
  end
  return unpack(codes, 1, n)
end

function utf8.codes(s)
  local after = 1
  return function()
    if after > #s then
      return nil
    end
    local at = after
    local code, size = decode(s, at)
    if not code then
      error("invalid UTF-8 code", 2)
    end
    after = at + size
    return at, code
  end
end

local function continues(s, i)
  local c = byte(s, i)
  return c and c >= 0x80 and c <= 0xBF
end

function utf8.offset(s, n, i)
  i = position(s, i, n > 0 and 1 or #s + 1)
  if n == 0 then
    while i > 0 and continues(s, i) do
      i = i - 1
    end
    return i
  elseif continues(s, i) then
    error("initial position is a continuation byte", 2)
  end
  while n < 0 and i > 1 do
    repeat
      i = i - 1
    until not continues(s, i) or i <= 1
    n = n + 1
  end
  while n > 1 and i <= #s do
    repeat
      i = i + 1
    until not continues(s, i)
    n = n - 1
  end
  return (n == 0 or n == 1) and i or nil
end
