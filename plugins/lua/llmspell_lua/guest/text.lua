-- Strings and numbers as JSON text: the wire format of docs/protocol.md#wire.
local core = ...
local find, char, gsub, format = string.find, string.char, string.gsub, string.format
local type, tostring, tonumber, mtype, valid_text = type, tostring, tonumber, math.type, utf8.len
local SAFE = 9007199254740991

local ESCAPED = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\127"] = "\127" }
for i = 0, 31 do
  ESCAPED[char(i)] = ESCAPED[char(i)] or format("\\u%04x", i)
end

local text = {}

function text.bytes_text(raw)
  return '{"$":["bytes","' .. core.base64.encode(raw) .. '"]}'
end

function text.quoted(raw)
  if find(raw, "[\128-\255]") and not valid_text(raw) then
    return text.bytes_text(raw)
  end
  return '"' .. gsub(raw, '[%c"\\]', ESCAPED) .. '"'
end

function text.float_text(x)
  if x ~= x then
    return '{"$":["float","nan"]}'
  elseif x == 1 / 0 or x == -1 / 0 then
    return x > 0 and '{"$":["float","inf"]}' or '{"$":["float","-inf"]}'
  end
  local digits = format("%.17g", x)
  return find(digits, "[.e]") and digits or digits .. ".0"
end

-- Returns a finite number that is no integer in as few digits as read back as the same, for people to read.
function text.short_float(x)
  for precision = 15, 17 do
    local digits = format("%." .. precision .. "g", x)
    if tonumber(digits) == x then
      return find(digits, "[.e]") and digits or digits .. ".0"
    end
  end
end

-- Returns the place of a key in a value whose own place is `path`.
function text.place(path, key)
  return path .. (find(key, "^[%a_\128-\255][%w_\128-\255]*$") and "." .. key or "[" .. text.quoted(key) .. "]")
end

-- Returns any number as a name.
function text.number_name(x)
  if mtype(x) == "integer" then
    return format("%d", x)
  end
  return x ~= x and "nan" or x == 1 / 0 and "inf" or x == -1 / 0 and "-inf" or text.short_float(x)
end

function text.number_text(x)
  if mtype(x) ~= "integer" then
    return text.float_text(x)
  elseif core.doubles then
    return format("%d", x)
  end
  return x <= SAFE and x >= -SAFE and x or '{"$":["int","' .. x .. '"]}'
end

-- Returns text for the wire that is UTF-8 whatever the spell made of it.
function text.text_of(value, default)
  local raw = type(value) == "string" and value or type(value) == "number" and tostring(value) or default
  if find(raw, "[\128-\255]") and not valid_text(raw) then
    raw = gsub(raw, "[\128-\255]", "?")
  end
  return text.quoted(raw)
end

return text
