-- The module `json`: JSON text of the spell's own, read and written with null, lists and maps as they cross the border.
local core = ...
local find, sub, byte, format, gsub, rep = string.find, string.sub, string.byte, string.format, string.gsub, string.rep
local type, next, rawget, rawequal, tonumber, metaof = type, next, rawget, rawequal, tonumber, debug.getmetatable
local concat, sort = table.concat, table.sort
local floor, max, min = math.floor, math.max, math.min
local DEPTH = 100

-- Reading ----------------------------------------------------------------------------------------------------------

local text, value

local function refuse(at, expected)
  local before = sub(text, 1, at - 1)
  local _, lines = gsub(before, "\n", "")
  local column = #string.match(before, "[^\n]*$") + 1
  local found = at > #text and "the end" or format("%q", sub(text, at, at))
  core.errors.raise("syntax", format("not JSON: expected %s but found %s at line %d, column %d", expected, found, lines + 1, column))
end

local function after_space(at)
  return find(text, "[^ \t\r\n]", at) or #text + 1
end

local UNESCAPED = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function code_unit(at)
  local digits = string.match(text, "^\\u(%x%x%x%x)", at)
  return digits and tonumber(digits, 16)
end

local function read_escape(at)
  local plain = UNESCAPED[sub(text, at + 1, at + 1)]
  if plain then
    return plain, at + 2
  end
  local code, after = code_unit(at), at + 6
  if code and code >= 0xD800 and code < 0xDC00 then
    local low = code_unit(after)
    code = low and low >= 0xDC00 and low < 0xE000 and 0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00 or nil
    after = after + 6
  end
  if not code or (code >= 0xD800 and code < 0xE000) then
    refuse(at, "an escape of a character")
  end
  return utf8.char(code), after
end

local function read_text(at)
  local parts, n, from = {}, 0, at + 1
  while true do
    local stop = find(text, '["\\%c]', from)
    local mark = stop and byte(text, stop)
    if not stop or (mark < 32) then
      refuse(stop or #text + 1, "a closing quote")
    end
    n = n + 1
    parts[n] = sub(text, from, mark == 127 and stop or stop - 1)
    if mark == 34 then
      return n == 1 and parts[1] or concat(parts), stop + 1
    elseif mark == 92 then
      n = n + 1
      parts[n], from = read_escape(stop)
    else
      from = stop + 1
    end
  end
end

local function read_list(at, depth)
  local list, n = core.list({}), 0
  at = after_space(at + 1)
  if byte(text, at) == 93 then
    return list, at + 1
  end
  while true do
    n = n + 1
    list[n], at = value(at, depth)
    at = after_space(at)
    local mark = byte(text, at)
    if mark == 93 then
      return list, at + 1
    elseif mark ~= 44 then
      refuse(at, "',' or ']'")
    end
    at = after_space(at + 1)
  end
end

local function read_map(at, depth)
  local map, key = {}, nil
  at = after_space(at + 1)
  if byte(text, at) == 125 then
    return map, at + 1
  end
  while true do
    if byte(text, at) ~= 34 then
      refuse(at, "a key in quotes")
    end
    key, at = read_text(at)
    at = after_space(at)
    if byte(text, at) ~= 58 then
      refuse(at, "':'")
    end
    map[key], at = value(after_space(at + 1), depth)
    at = after_space(at)
    local mark = byte(text, at)
    if mark == 125 then
      return map, at + 1
    elseif mark ~= 44 then
      refuse(at, "',' or '}'")
    end
    at = after_space(at + 1)
  end
end

local function read_number(at)
  local _, last = find(text, "^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  local digits = last and sub(text, at, last)
  local whole = digits and string.match(digits, "^-?(%d+)")
  if not digits or (byte(whole) == 48 and #whole > 1) or find(digits, "%.%D") or find(digits, "[.eE+-]$") then
    refuse(at, "a value")
  end
  local number = tonumber(digits)
  return number or refuse(at, "a number"), last + 1
end

local WORDS = { { "true", true }, { "false", false }, { "null", core.NULL } }

function value(at, depth)
  local mark = byte(text, at)
  if mark == 34 then
    return read_text(at)
  elseif mark == 123 or mark == 91 then
    if depth == 0 then
      core.errors.raise("conversion", format("the JSON nests deeper than %d levels", DEPTH))
    end
    return (mark == 123 and read_map or read_list)(at, depth - 1)
  end
  for i = 1, 3 do
    local word = WORDS[i]
    if sub(text, at, at + #word[1] - 1) == word[1] then
      return word[2], at + #word[1]
    end
  end
  return read_number(at)
end

local function kind_of(x)
  return (x == nil or rawequal(x, core.NULL)) and "nothing" or core.contents[x] and "bytes" or "a " .. type(x)
end

local function decode(source)
  if type(source) ~= "string" then
    core.errors.raise("argument", "json.decode takes a string, not " .. kind_of(source))
  elseif not utf8.len(source) then
    core.errors.raise("conversion", "the JSON text is not UTF-8")
  end
  text = source
  local result, after = value(after_space(1), DEPTH)
  after = after_space(after)
  if after <= #text then
    refuse(after, "the end")
  end
  if rawequal(result, core.NULL) then
    return nil
  end
  return result
end

-- Writing ----------------------------------------------------------------------------------------------------------

local buffer, n, indent

local function emit(piece)
  n = n + 1
  buffer[n] = piece
end

local function break_line(level)
  if indent then
    emit("\n" .. rep(indent, level))
  end
end

local function refuse_value(path, problem)
  core.errors.raise("conversion", path .. ": JSON has no form for " .. problem)
end

local put

local function put_list(list, path, level)
  emit("[")
  for i = 1, #list do
    emit(i > 1 and "," or "")
    break_line(level)
    put(rawget(list, i), format("%s[%d]", path, i - 1), level)
  end
  if #list > 0 then
    break_line(level - 1)
  end
  emit("]")
end

local function put_map(map, path, level)
  local keys = {}
  for key in next, map do
    keys[#keys + 1] = key
  end
  sort(keys)
  emit("{")
  for i, key in next, keys do
    emit(i > 1 and "," or "")
    break_line(level)
    emit(core.text.quoted(key) .. (indent and ": " or ":"))
    put(rawget(map, key), core.text.place(path, key), level)
  end
  if #keys > 0 then
    break_line(level - 1)
  end
  emit("}")
end

local function put_number(x, path)
  if x ~= x or x == 1 / 0 or x == -1 / 0 then
    refuse_value(path, core.text.number_name(x))
  end
  emit(math.type(x) == "integer" and format("%d", x) or core.text.short_float(x))
end

function put(x, path, level)
  local kind = type(x)
  if x == nil or rawequal(x, core.NULL) then
    emit("null")
  elseif kind == "string" then
    if not utf8.len(x) then
      refuse_value(path, "a string that is not UTF-8")
    end
    emit(core.text.quoted(x))
  elseif kind == "number" then
    put_number(x, path)
  elseif kind == "boolean" then
    emit(x and "true" or "false")
  elseif kind ~= "table" or core.contents[x] or core.special[metaof(x)] then
    refuse_value(path, core.contents[x] and "bytes" or metaof(x) == core.errors.ERROR and "an error"
      or "a " .. (core.special[metaof(x)] and "handle" or kind))
  elseif metaof(x) == core.LIST or rawget(x, 1) ~= nil then
    put_list(x, path, level + 1)
  else
    put_map(x, path, level + 1)
  end
end

local function indent_of(options)
  if options == nil or rawequal(options, core.NULL) then
    return nil
  elseif type(options) ~= "table" then
    core.errors.raise("argument", "json.encode takes options, not a " .. type(options))
  end
  for key in next, options do
    if key ~= "pretty" then
      core.errors.raise("argument", "json.encode has no option '" .. core.tostring(key) .. "'; there are pretty")
    end
  end
  local pretty = options.pretty
  if not pretty or rawequal(pretty, core.NULL) then
    return nil
  end
  return type(pretty) == "number" and rep(" ", floor(max(0, min(pretty, 10)))) or "  "
end

local function encode(x, options)
  if type(x) == "table" then
    core.write(x) -- refuses cycles, holes and keys that are no text
  end
  buffer, n, indent = {}, 0, indent_of(options)
  put(x, "$", 0)
  return concat(buffer)
end

return { encode = encode, decode = decode }
