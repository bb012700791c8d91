-- The guest's part of the module `data`: lists worked on by functions, which may call bridges.
local core = ...
local shapes, paths, comparing = core["library/shapes"], core["library/paths"], core["library/comparing"]
local type, sort, format, floor, mtype = type, table.sort, string.format, math.floor, math.type
local select, tostring = select, tostring
local expect_list, or_null = shapes.expect_list, shapes.or_null
local data = {}

-- Returns the function that a place in an item, or a function, stands for.
local function reader(by, name)
  if type(by) == "string" then
    return function(item)
      return paths.get(item, by)
    end
  end
  shapes.expect(core.settling.callable(by), name, "a function or a path", by)
  return by
end

function data.map(list, f)
  expect_list(list, "map")
  shapes.expect_function(f, "map")
  local made = core.list({})
  for i = 1, #list do
    made[i] = or_null((f(list[i], i)))
  end
  return made
end

function data.filter(list, f)
  expect_list(list, "filter")
  f = reader(f, "filter")
  local made, n = core.list({}), 0
  for i = 1, #list do
    local item = list[i]
    local kept = f(item, i)
    if kept and not shapes.is_nothing(kept) then
      n = n + 1
      made[n] = item
    end
  end
  return made
end

-- Returns what is left when `f(so_far, item, index)` has been called for every item.
function data.reduce(list, f, ...)
  expect_list(list, "reduce")
  shapes.expect_function(f, "reduce")
  local first, so_far = 1, ...
  if select("#", ...) == 0 then
    if #list == 0 then
      shapes.refuse("reduce of an empty list needs a value to begin with")
    end
    first, so_far = 2, list[1]
  end
  for i = first, #list do
    so_far = f(so_far, list[i], i)
  end
  return so_far
end

local function group_name(key)
  local kind = type(key)
  if kind == "string" then
    return key
  elseif kind == "number" then
    if mtype(key) == "integer" then
      return format("%d", key)
    end
    return key == floor(key) and key < 1e21 and key > -1e21 and format("%.0f", key) or core.text.number_name(key)
  elseif kind == "boolean" then
    return tostring(key)
  elseif shapes.is_nothing(key) then
    return "null"
  end
  shapes.refuse("group_by groups by text, numbers and booleans, not by " .. shapes.name_of(key))
end

function data.group_by(list, by)
  expect_list(list, "group_by")
  by = reader(by, "group_by")
  local groups = {}
  for i = 1, #list do
    local item = list[i]
    local name = group_name((by(item, i)))
    groups[name] = groups[name] or core.list({})
    groups[name][#groups[name] + 1] = item
  end
  return groups
end

local RANKS = { number = 1, string = 3, boolean = 4 }

local function rank_of(key)
  if shapes.is_nothing(key) then
    return 5
  elseif key ~= key then
    return 2
  end
  return RANKS[type(key)] or shapes.refuse("sort_by sorts by numbers, text and booleans, not by " .. shapes.name_of(key))
end

local function comes_before(a, b)
  if type(a) == "boolean" then
    return b and not a
  end
  return a < b
end

-- Returns the items in order; equal ones stay as they are, and what has no key comes last.
function data.sort_by(list, by, options)
  expect_list(list, "sort_by")
  by = reader(by, "sort_by")
  local down = core.settling.take_options(options, "sort_by", "descending").descending
  local keys, ranks, order, made = {}, {}, {}, core.list({})
  for i = 1, #list do
    keys[i] = by(list[i], i)
    ranks[i], order[i] = rank_of(keys[i]), i
  end
  sort(order, function(i, j)
    local a, b = keys[i], keys[j]
    if ranks[i] ~= ranks[j] then
      return (ranks[i] < ranks[j]) == (not down or ranks[i] == 5 or ranks[j] == 5)
    elseif ranks[i] == 2 or ranks[i] == 5 or a == b then
      return i < j
    elseif down then
      return comes_before(b, a)
    end
    return comes_before(a, b)
  end)
  for i = 1, #order do
    made[i] = list[order[i]]
  end
  return made
end

-- Returns what each item has at a place, null where it has nothing.
function data.pluck(list, path)
  expect_list(list, "pluck")
  local made = core.list({})
  for i = 1, #list do
    made[i] = or_null(paths.get(list[i], path))
  end
  return made
end

function data.chunk(list, size)
  expect_list(list, "chunk")
  shapes.expect_whole(size, "chunk", 1)
  local chunks = core.list({})
  for i = 1, #list do
    if (i - 1) % size == 0 then
      chunks[#chunks + 1] = core.list({})
    end
    local last = chunks[#chunks]
    last[#last + 1] = list[i]
  end
  return chunks
end

-- Returns a list of lists: the first items of all, the second ones, as far as the shortest goes.
function data.zip(...)
  local lists, count = { ... }, select("#", ...)
  local length = count == 0 and 0 or #expect_list(lists[1], "zip")
  for i = 2, count do
    length = math.min(length, #expect_list(lists[i], "zip"))
  end
  local made = core.list({})
  for i = 1, length do
    made[i] = core.list({})
    for j = 1, count do
      made[i][j] = lists[j][i]
    end
  end
  return made
end

local function flatten_into(made, list, depth, level)
  if level > shapes.DEPTH then
    shapes.refuse_depth("flatten")
  end
  for i = 1, #list do
    if depth > 0 and shapes.is_list(list[i]) then
      flatten_into(made, list[i], depth - 1, level + 1)
    else
      made[#made + 1] = list[i]
    end
  end
  return made
end

-- Returns the items of the lists in a list, so many levels deep; one when it is left out.
function data.flatten(list, depth)
  expect_list(list, "flatten")
  depth = depth == nil and 1 or shapes.expect_number(depth, "flatten", 0)
  return flatten_into(core.list({}), list, depth, 1)
end

data.clone = core["library/tables"].deep_copy
data.merge, data.equals, data.diff = comparing.merge, comparing.equals, comparing.diff
data.get_path, data.set_path = paths.get, paths.set

return data
