-- Finds what in a value may not cross the border, and raises a `conversion` error that names the place.
local core = ...
local type, next, rawget, metaof = type, next, rawget, debug.getmetatable
local format = string.format
local ERROR = core.errors.ERROR

local function table_problem(t, meta)
  if core.locked[t] then
    return core.locked[t] .. " cannot cross the border"
  elseif meta and core.uncrossable[meta] then
    return core.uncrossable[meta]
  end
end

local function key_problem(t, is_list)
  local count, greatest, texts = 0, 0, 0
  for key in next, t do
    if type(key) == "string" then
      if not utf8.len(key) then
        return "a key that is not UTF-8; a map's keys must be text"
      end
      texts = texts + 1
    elseif type(key) ~= "number" or key < 1 or key % 1 ~= 0 then
      local shown = type(key) == "number" and format(" %.14g", key) or ""
      return "a key that is no text: a " .. type(key) .. shown .. "; convert it with tostring"
    else
      count = count + 1
      greatest = key > greatest and key or greatest
    end
  end
  if texts > 0 and (count > 0 or is_list) then
    return is_list and "a list with a text key; use a table of its own for fields"
      or "a table with both text keys and positions; a value is a list or a map"
  elseif greatest ~= count then
    return format("a list with a hole: %d positions up to %d; put null where nothing is", count, greatest)
  end
end

local find_fault

local function in_items(t, path, depth, above)
  for key, item in next, t do
    local inner = type(key) == "string" and core.text.place(path, key) or format("%s[%d]", path, key - 1)
    local problem, place = find_fault(item, inner, depth, above)
    if problem then
      return problem, place
    end
  end
end

local function in_error(e, path, depth, above)
  local problem, place = find_fault(rawget(e, "data"), path .. ".data", depth, above)
  if problem then
    return problem, place
  end
  local cause = rawget(e, "cause")
  if type(cause) == "table" and metaof(cause) == ERROR then
    return find_fault(cause, path .. ".cause", depth, above)
  end
end

-- `above` has the tables that the value lies in.
function find_fault(value, path, depth, above)
  local kind, meta = type(value), metaof(value)
  if kind == "thread" or (kind == "userdata" and not core.contents[value]) then
    return "a " .. kind .. " cannot cross the border", path
  elseif kind ~= "table" then
    return nil
  elseif meta and core.special[meta] and meta ~= ERROR and not core.uncrossable[meta] then
    return nil
  elseif depth <= 0 then
    return "nested deeper than 100 levels, or a cycle", path
  elseif meta == ERROR then
    return in_error(value, path, depth - 1, above)
  elseif above[value] then
    return "a cycle; break it, or pass ids instead", path
  end
  local problem = table_problem(value, meta) or key_problem(value, meta == core.LIST)
  if problem then
    return problem, path
  end
  above[value] = true
  problem, path = in_items(value, path, depth - 1, above)
  above[value] = nil
  return problem, path
end

return function(root)
  local problem, path = find_fault(root, "$", 100, {})
  core.errors.raise("conversion", (path or "$") .. ": " .. (problem or "the value cannot cross the border"))
end
