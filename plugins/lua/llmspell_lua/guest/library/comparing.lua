-- Values as wholes: whether two are equal, how they differ, and one put over another.
local core = ...
local shapes, paths = core["library/shapes"], core["library/paths"]
local next, type, rawequal, select = next, type, rawequal, select
local comparing = {}

local function same_leaf(a, b)
  if shapes.is_nothing(a) or shapes.is_nothing(b) then
    return shapes.is_nothing(a) and shapes.is_nothing(b)
  end
  return rawequal(a, b) or a == b or (a ~= a and b ~= b)
end

-- Two tables can be compared item by item when both are lists or both maps; an empty one is either.
local function alike(a, b)
  if not (shapes.is_plain(a) and shapes.is_plain(b)) then
    return false
  end
  return shapes.is_list(a) == shapes.is_list(b) or (next(a) == nil and shapes.may_be_list(b)) or (next(b) == nil and shapes.may_be_list(a))
end

local function equal(a, b, depth)
  if rawequal(a, b) then
    return true
  elseif not alike(a, b) then
    return same_leaf(a, b)
  elseif depth == 0 then
    shapes.refuse_depth("equals")
  end
  for key, value in next, a do
    if not equal(value, b[key], depth - 1) then
      return false
    end
  end
  for key, value in next, b do
    if a[key] == nil and not shapes.is_nothing(value) then
      return false
    end
  end
  return true
end

-- Tells whether two values have the same content; numbers count by their worth, null and nothing are the same.
function comparing.equals(a, b)
  return equal(a, b, shapes.DEPTH)
end

local function keys_of_both(a, b)
  local both = {}
  for key in next, a do
    both[key] = true
  end
  for key in next, b do
    both[key] = true
  end
  return core.walking(both)
end

local function note(changes, path, before, after)
  local change = before == nil and "added" or after == nil and "removed" or "changed"
  changes[#changes + 1] = { path = path, change = change, before = before, after = after }
end

local function compare(a, b, path, changes, depth)
  if rawequal(a, b) or (a ~= nil and b ~= nil and not alike(a, b) and same_leaf(a, b)) then
    return
  elseif not alike(a, b) then
    return note(changes, path, a, b)
  elseif depth == 0 then
    shapes.refuse_depth("diff")
  end
  for key in keys_of_both(a, b) do
    if type(key) ~= "string" and type(key) ~= "number" then
      shapes.refuse("diff: a key at " .. path .. " is " .. shapes.name_of(key) .. "; only text and positions can be told")
    end
    compare(a[key], b[key], paths.shown(path, key), changes, depth - 1)
  end
end

-- Returns where the second differs from the first: a list of `{path, change, before, after}`.
function comparing.diff(a, b)
  local changes = core.list({})
  compare(a, b, "$", changes, shapes.DEPTH)
  return changes
end

local function merged(under, over, depth)
  if not (shapes.is_map(under) and shapes.is_map(over)) then
    return core["library/tables"].deep_copy(over)
  elseif depth == 0 then
    shapes.refuse_depth("merge")
  end
  local made = {}
  for key, value in next, under do
    if over[key] == nil then
      made[key] = core["library/tables"].deep_copy(value)
    end
  end
  for key, value in next, over do
    made[key] = merged(under[key], value, depth - 1)
  end
  return made
end

-- Returns a new map of several: maps in them are merged too, of anything else the last one counts.
function comparing.merge(...)
  local made = {}
  for i = 1, select("#", ...) do
    local over = select(i, ...)
    shapes.expect(shapes.is_map(over), "merge", "maps", over)
    made = merged(made, over, shapes.DEPTH)
  end
  return made
end

return comparing
