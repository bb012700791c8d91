-- What an expectation looks for in a value.
local core = ...
local type, next, metaof, mtype, find = type, next, debug.getmetatable, math.type, string.find
local shapes, comparing = core["library/shapes"], core["library/comparing"]
local judging = {}

-- Tells whether a value is of a kind, by the kind's name.
judging.kinds = {
  nothing = shapes.is_nothing,
  bool = function(value)
    return type(value) == "boolean"
  end,
  int = function(value)
    return mtype(value) == "integer" or (core.doubles and type(value) == "number" and value % 1 == 0)
  end,
  number = function(value)
    return type(value) == "number"
  end,
  text = function(value)
    return type(value) == "string"
  end,
  list = shapes.may_be_list,
  map = shapes.is_map,
  ["function"] = core.settling.callable,
  error = function(value)
    return type(value) == "table" and metaof(value) == core.errors.ERROR
  end,
}

-- Tells whether a list or map holds an item.
function judging.holds_item(list, wanted)
  for _, item in next, list do
    if comparing.equals(item, wanted) then
      return true
    end
  end
  return false
end

-- Returns how many of some items a list holds, each of its own counting once.
function judging.count_held(list, wanted)
  local used, count = {}, 0
  for _, item in next, wanted do
    for i = 1, #list do
      if not used[i] and comparing.equals(list[i], item) then
        used[i], count = true, count + 1
        break
      end
    end
  end
  return count
end

-- Tells whether a map has at least these fields; maps in it likewise.
function judging.includes(value, wanted)
  if not (shapes.is_map(value) and shapes.is_map(wanted)) then
    return comparing.equals(value, wanted)
  end
  for key, item in next, wanted do
    if not judging.includes(value[key], item) then
      return false
    end
  end
  return true
end

-- Returns how many characters, items or fields there are; nil for what has none.
function judging.length_of(value)
  if type(value) == "string" then
    return utf8.len(value) or #value
  elseif not shapes.is_plain(value) then
    return nil
  elseif not shapes.is_map(value) then
    return #value
  end
  local count = 0
  for _ in next, value do
    count = count + 1
  end
  return count
end

-- Tells whether an error is meant by a part of its message, or by its fields.
function judging.is_meant(e, wanted)
  if wanted == nil then
    return true
  elseif type(wanted) == "string" then
    return find(e.message, wanted, 1, true) ~= nil
  end
  for key, value in next, wanted do
    local own = e[key]
    local holds = key == "message" and find(e.message, value, 1, true) ~= nil or comparing.equals(own, value)
    if not holds then
      return false
    end
  end
  return true
end

return judging
