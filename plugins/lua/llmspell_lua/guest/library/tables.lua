-- What `table` has beside Lua's own.
local core = ...
local shapes = core["library/shapes"]
local next, type, select, setmetatable, metaof, random, rawequal, floor =
  next, type, select, setmetatable, debug.getmetatable, math.random, rawequal, math.floor
local tables = {}

local function expect_table(value, name)
  return shapes.expect(shapes.is_plain(value), name, "a table", value)
end

function tables.keys(t)
  local keys = core.list({})
  for key in core.pairs(expect_table(t, "keys")) do
    keys[#keys + 1] = key
  end
  return keys
end

function tables.values(t)
  local values = core.list({})
  for _, value in core.pairs(expect_table(t, "values")) do
    values[#values + 1] = value
  end
  return values
end

-- Returns a new table with the fields of all, those of later ones first.
function tables.merge(...)
  local made = {}
  for i = 1, select("#", ...) do
    for key, value in next, expect_table(select(i, ...), "merge") do
      made[key] = value
    end
  end
  return made
end

local function copied(value, seen, depth)
  if not shapes.is_plain(value) then
    return value
  elseif seen[value] then
    return seen[value]
  elseif depth == 0 then
    shapes.refuse_depth("deep_copy")
  end
  local made = setmetatable({}, metaof(value))
  seen[value] = made
  for key, item in next, value do
    core.native.rawset(made, key, copied(item, seen, depth - 1))
  end
  return made
end

-- Returns a copy of all that is in a value, cycles and shared parts as they are there.
function tables.deep_copy(value)
  return copied(value, {}, shapes.DEPTH)
end

local function place(position, otherwise)
  if shapes.is_nothing(position) then
    return otherwise
  end
  shapes.expect(type(position) == "number", "slice", "whole numbers", position)
  if floor(position) ~= position then
    shapes.refuse("slice takes whole numbers, not " .. core.text.number_name(position))
  end
  return position
end

-- Returns the items from one position to another, both included; negative ones count from the end.
function tables.slice(t, from, to)
  shapes.expect_list(t, "slice")
  local made, count = core.list({}), #t
  from, to = place(from, 1), place(to, count)
  from = from < 0 and math.max(count + from + 1, 1) or math.max(from, 1)
  to = to < 0 and count + to + 1 or math.min(to, count)
  for i = from, to do
    made[#made + 1] = t[i]
  end
  return made
end

function tables.reverse(t)
  shapes.expect_list(t, "reverse")
  local made, count = core.list({}), #t
  for i = 1, count do
    made[i] = t[count - i + 1]
  end
  return made
end

-- Returns the items in a random order, by the run's seed.
function tables.shuffle(t)
  shapes.expect_list(t, "shuffle")
  local made = core.list({})
  for i = 1, #t do
    local j = random(i)
    made[i] = made[j]
    made[j] = t[i]
  end
  return made
end

function tables.contains(t, wanted)
  for _, value in next, expect_table(t, "contains") do
    if rawequal(value, wanted) or value == wanted then
      return true
    end
  end
  return false
end

function tables.is_empty(value)
  return shapes.is_nothing(value) or value == "" or (shapes.is_plain(value) and next(value) == nil)
end

return tables
