-- Strings and numbers as JSON text: the wire format of docs/protocol.md#wire.
local core = ...
local find, char, gsub, format = string.find, string.char, string.gsub, string.format
local type, tostring, mtype, valid_text = type, tostring, math.type, utf8.len
local SAFE = 9007199254740991

local ESCAPED = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\127"] = "\127" }
for i = 0, 31 do
  ESCAPED[char(i)] = ESCAPED[char(i)] or format("\\u%04x", i)
end

local function bytes_text(text)
  return '{"$":["bytes","' .. core.use("base64").encode(text) .. '"]}'
end
core.bytes_text = bytes_text

local function quoted(text)
  if find(text, "[\128-\255]") and not valid_text(text) then
    return bytes_text(text)
  end
  return '"' .. gsub(text, '[%c"\\]', ESCAPED) .. '"'
end
core.quoted = quoted

local function float_text(x)
  if x ~= x then
    return '{"$":["float","nan"]}'
  elseif x == 1 / 0 or x == -1 / 0 then
    return x > 0 and '{"$":["float","inf"]}' or '{"$":["float","-inf"]}'
  end
  local text = format("%.17g", x)
  return find(text, "[.e]") and text or text .. ".0"
end
core.float_text = float_text

local function number_text(x)
  if mtype(x) ~= "integer" then
    return float_text(x)
  elseif core.doubles then
    return format("%d", x)
  end
  return x <= SAFE and x >= -SAFE and x or '{"$":["int","' .. x .. '"]}'
end
core.number_text = number_text

-- Returns text for the wire that is UTF-8 whatever the spell made of it.
function core.text_of(value, default)
  local text = type(value) == "string" and value or type(value) == "number" and tostring(value) or default
  if find(text, "[\128-\255]") and not utf8.len(text) then
    text = gsub(text, "[\128-\255]", "?")
  end
  return core.quoted(text)
end
