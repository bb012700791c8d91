-- Script values to JSON text: the wire format of docs/protocol.md#wire.
local core = ...
local find = string.find
local type, next, rawget, rawequal, select = type, next, rawget, rawequal, select
local concat, sort, metaof = table.concat, table.sort, debug.getmetatable
local NULL, LIST, special = core.NULL, core.LIST, core.special
local contents, valid_text = core.contents, utf8.len
local quoted, number_text, bytes_text, text_of =
  core.text.quoted, core.text.number_text, core.text.bytes_text, core.text.text_of
local DEPTH = 100
local writer = {}

local buffer, n, root = {}, 0, nil
local put

local function fault()
  return core.fault(root)
end
writer.fault = fault

local function emit(text)
  n = n + 1
  buffer[n] = text
end
writer.emit = emit

local first_key, later_key, cached = {}, {}, 0

local function key_text(key)
  if type(key) ~= "string" or (find(key, "[\128-\255]") and not valid_text(key)) then
    return fault()
  end
  local text = quoted(key) .. ":"
  if cached < 1000 then
    cached = cached + 1
    first_key[key], later_key[key] = text, "," .. text
  end
  return text
end

local function put_pairs(map, keys, count, depth)
  emit('{"$":["map",[')
  for i = 1, count do
    emit((i > 1 and ",[" or "[") .. quoted(keys[i]) .. ",")
    put(rawget(map, keys[i]), depth)
    emit("]")
  end
  emit("]]}")
end

local scratch = {}

-- Keys travel sorted: Lua's own order of text keys differs from process to process.
local function sorted_keys(map, depth)
  local keys, count = scratch[depth], 0
  if not keys then
    keys = {}
    scratch[depth] = keys
  end
  for key in next, map do
    if not first_key[key] then
      key_text(key)
    end
    count = count + 1
    if count < 13 then
      local i = count
      while i > 1 and keys[i - 1] > key do
        keys[i] = keys[i - 1]
        i = i - 1
      end
      keys[i] = key
    else
      keys[count] = key
    end
  end
  if count > 12 then
    scratch[depth] = nil
    sort(keys)
  end
  return keys, count
end

local function put_map(map, depth)
  local keys, count = sorted_keys(map, depth)
  if rawget(map, "$") ~= nil then
    return put_pairs(map, keys, count, depth - 1)
  end
  n = n + 1
  buffer[n] = "{"
  local key = keys[1]
  n = n + 1
  buffer[n] = first_key[key] or key_text(key)
  put(rawget(map, key), depth - 1)
  for i = 2, count do
    key = keys[i]
    n = n + 1
    buffer[n] = later_key[key] or "," .. key_text(key)
    put(rawget(map, key), depth - 1)
  end
  n = n + 1
  buffer[n] = "}"
end

-- Keys beyond the array part come in any order: true when they are exactly 1..count.
local function sequence_length(list)
  local count, greatest = 0, 0
  for key in next, list do
    if type(key) ~= "number" or key < 1 or key % 1 ~= 0 then
      return fault()
    end
    count = count + 1
    greatest = key > greatest and key or greatest
  end
  return greatest == count and count or fault()
end

local function put_unordered(list, depth)
  for i = 1, sequence_length(list) do
    if i > 1 then
      n = n + 1
      buffer[n] = ","
    end
    put(rawget(list, i), depth)
  end
  n = n + 1
  buffer[n] = "]"
end

local function put_list(list, depth)
  n = n + 1
  buffer[n] = "["
  local start, i = n, 0
  for key, item in next, list do
    i = i + 1
    if key ~= i then
      n = start
      return put_unordered(list, depth)
    end
    if i > 1 then
      n = n + 1
      buffer[n] = ","
    end
    put(item, depth)
  end
  n = n + 1
  buffer[n] = "]"
end

local function put_table(t, depth)
  local meta = metaof(t)
  if meta then
    local put_special = special[meta]
    if put_special then
      return put_special(t, depth)
    elseif depth > 0 and meta == LIST then
      return put_list(t, depth - 1)
    end
  end
  if depth <= 0 or core.locked[t] then
    return fault()
  end
  local key = next(t)
  if key == nil then
    n = n + 1
    buffer[n] = "{}"
  elseif type(key) == "string" then
    put_map(t, depth)
  else
    put_list(t, depth - 1)
  end
end

function put(x, depth)
  local kind = type(x)
  if kind == "string" then
    n = n + 1
    buffer[n] = find(x, '[%c"\\\128-\255]') and quoted(x) or '"' .. x .. '"'
  elseif kind == "number" then
    n = n + 1
    buffer[n] = number_text(x)
  elseif kind == "table" then
    put_table(x, depth)
  else
    n = n + 1
    if kind == "boolean" then
      buffer[n] = x and "true" or "false"
    elseif kind == "nil" then
      buffer[n] = "null"
    elseif kind == "function" then
      buffer[n] = '{"$":["function",' .. core.functions.id_of(x) .. "]}"
    elseif contents[x] then
      buffer[n] = bytes_text(contents[x])
    else
      fault()
    end
  end
end

local function start_writing(value)
  buffer = n > 256 and {} or buffer
  n, root = 0, value
end

local function written()
  root = nil
  return concat(buffer, "", 1, n)
end

function writer.write(value)
  start_writing(value)
  put(value, DEPTH)
  return written()
end

-- Returns how many values there are, without those that a call returns for `for` alone.
local function count_of(...)
  local count, walked = select("#", ...), core.walked
  local handle = walked and count > 3 and select(count - 3, ...)
  return handle and walked[handle] and rawequal(handle, (select(count, ...))) and count - 3 or count
end

-- Returns values as the text of one: of a list, if they are several.
function writer.write_several(...)
  local count, values = count_of(...), core.list({ ... })
  for i = 1, count do
    values[i] = values[i] == nil and NULL or values[i]
  end
  values[count + 3] = nil -- what `for` closes
  return core.write(count == 1 and values[1] or values)
end

function writer.write_list(...)
  local values, count = { ... }, count_of(...)
  while count > 0 and (values[count] == nil or rawequal(values[count], NULL)) do
    count = count - 1
  end
  if count == 0 then
    return "[]"
  end
  start_writing()
  for i = 1, count do
    n = n + 1
    buffer[n] = i > 1 and "," or "["
    root = values[i]
    put(root, DEPTH)
  end
  n = n + 1
  buffer[n] = "]"
  return written()
end

-- Errors ------------------------------------------------------------------------------------------------------

local function put_field(name, value, text)
  if type(value) == "string" or type(value) == "number" then
    emit(',"' .. name .. '":' .. text(value))
  end
end

local function put_error(e, depth)
  if depth <= 0 then
    return fault()
  end
  emit('{"kind":' .. text_of(rawget(e, "kind"), "runtime"))
  put_field("message", rawget(e, "message") or "error", text_of)
  put_field("file", rawget(e, "file"), text_of)
  put_field("line", rawget(e, "line"), number_text)
  put_field("traceback", rawget(e, "traceback"), text_of)
  local data, cause = rawget(e, "data"), rawget(e, "cause")
  if data ~= nil then
    emit(',"data":')
    put(data, depth - 1)
  end
  if type(cause) == "table" and metaof(cause) == core.errors.ERROR then
    emit(',"cause":')
    put_error(cause, depth - 1)
  end
  emit("}")
end

function writer.put_error_value(e, depth)
  emit('{"$":["error",')
  put_error(e, depth)
  emit("]}")
end

-- Returns an error value as the text of an error of the wire.
function writer.write_error(e)
  start_writing(e)
  put_error(e, DEPTH)
  return written()
end

return writer
