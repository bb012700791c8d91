-- Single values that are JSON text as they stand; `writer.lua` writes all others.
local core = ...
local find, format, type, mtype, select = string.find, string.format, type, math.type, select
local SAFE = 9007199254740991

local function plain(x)
  local kind = type(x)
  if kind == "string" then
    return not find(x, '[%c"\\\128-\255]') and '"' .. x .. '"'
  elseif kind == "number" then
    return mtype(x) == "integer" and x <= SAFE and x >= -SAFE and format("%d", x)
  elseif kind == "boolean" then
    return x and "true" or "false"
  end
  return x == nil and "null"
end

-- Returns one value as text; raises a `conversion` error that names the place.
function core.write(value)
  return plain(value) or core.writer.write(value)
end

-- Returns the values as the text of a list, trailing nils and nulls left out.
function core.write_list(...)
  local count = select("#", ...)
  if count == 0 then
    return "[]"
  end
  local text = count == 1 and (...) ~= nil and plain((...))
  return text and "[" .. text .. "]" or core.writer.write_list(...)
end
