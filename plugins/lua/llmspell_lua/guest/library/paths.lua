-- Places in values: `users[0].name`, counted from 0 as errors name them, or a list of keys, counted as Lua does.
local core = ...
local shapes = core["library/shapes"]
local find, format, type, next, tonumber = string.find, string.format, type, next, tonumber
local paths = {}

local function refuse_path(path)
  shapes.refuse(format("the path %q is none; write names with dots, positions and odd names in brackets: a.b[0][\"c d\"]", path))
end

-- Returns the steps of a path: text for names, { position } for what stands in brackets.
local function parsed(path)
  local steps, at = {}, find(path, "^%$") and 2 or 1
  while at <= #path do
    local _, to, position = find(path, "^%[(%d+)%]", at)
    if to then
      steps[#steps + 1] = { tonumber(position) + 1 }
    else
      local name
      _, to, name = find(path, '^%["([^"]*)"%]', at)
      if not to then
        _, to, name = find(path, at == 1 and "^([^.%[%]]+)" or "^%.([^.%[%]]+)", at)
      end
      if not to then
        refuse_path(path)
      end
      steps[#steps + 1] = name
    end
    at = to + 1
  end
  return steps
end

local function steps_of(path, name)
  if type(path) == "string" then
    return parsed(path)
  end
  shapes.expect_list(path, name)
  local steps = {}
  for i = 1, #path do
    local step = path[i]
    if type(step) == "number" and not (step >= 1 and step % 1 == 0) then
      shapes.refuse(name .. ": a position in a list of keys is a whole number from 1 on, not " .. step)
    end
    steps[i] = type(step) == "number" and { step } or shapes.expect_text(step, name)
  end
  return steps
end

-- Returns the key of a step in a container, or nil where it has no such place.
local function key_in(container, step)
  if shapes.is_list(container) then
    return type(step) == "table" and step[1] or find(step, "^%d+$") and tonumber(step) + 1 or nil
  end
  return type(step) == "table" and format("%.0f", step[1] - 1) or step
end

-- Returns what a container has at a step, nil where it has nothing or is none.
function paths.step_into(container, step)
  local key = shapes.is_plain(container) and key_in(container, step)
  if not key then
    return nil
  end
  return container[key]
end

-- Returns what is at a place, or the default where nothing is.
function paths.get(value, path, default)
  local steps = steps_of(path, "get_path")
  for i = 1, #steps do
    value = paths.step_into(value, steps[i])
  end
  if shapes.is_nothing(value) then
    return default
  end
  return value
end

function paths.shown(path, key)
  return type(key) == "number" and format("%s[%.0f]", path, key - 1) or core.text.place(path, key)
end

local function place(container, key, path)
  if not key then
    shapes.refuse(path .. " is a list: its places are numbers")
  elseif type(key) == "number" and (key < 1 or key > #container + 1) then
    shapes.refuse(format("%s has %d items: nothing can be put at [%.0f]", path, #container, key - 1))
  end
  return key
end

-- Puts something at a place of a value, with the lists and maps that lead there, and returns the value.
function paths.set(value, path, new)
  local steps, at = steps_of(path, "set_path"), "$"
  if #steps == 0 then
    return new
  end
  local root = shapes.is_nothing(value) and (type(steps[1]) == "table" and core.list({}) or {}) or value
  local container = root
  for i = 1, #steps do
    if not shapes.is_plain(container) then
      shapes.refuse(at .. " is " .. shapes.name_of(container) .. ", in which nothing can be put")
    end
    if type(steps[i]) == "table" and not shapes.is_list(container) and next(container) == nil then
      core.list(container)
    end
    local key = place(container, key_in(container, steps[i]), at)
    at = paths.shown(at, key)
    if i == #steps then
      container[key] = shapes.or_null(new)
    elseif shapes.is_nothing(container[key]) then
      container[key] = type(steps[i + 1]) == "table" and core.list({}) or {}
    end
    container = container[key]
  end
  return root
end

return paths
