-- Walks a table in the order of its keys: integers, other numbers, text, booleans, the rest as they were first shown.
local core = ...
local type, next, rawget, pcall, sort, metaof = type, next, rawget, pcall, table.sort, debug.getmetatable
local numbers = core.numbers
local RANK = { number = 1, string = 2, boolean = 3 }

local function comes_before(a, b)
  local left, right = RANK[type(a)] or 4, RANK[type(b)] or 4
  if left ~= right then
    return left < right
  elseif left == 1 then
    local left_whole, right_whole = a % 1 == 0, b % 1 == 0
    if left_whole ~= right_whole then
      return left_whole
    end
    return a < b
  elseif left == 2 then
    return a < b
  elseif left == 3 then
    return b and not a
  end
  return (numbers[a] or 0) < (numbers[b] or 0)
end

local function sorted_keys(t)
  local keys, n = { nil, nil, nil, nil, nil, nil, nil, nil }, 0 -- room for eight
  for key in next, t do
    n = n + 1
    keys[n] = key
  end
  -- Keys that compare without more ado, one of them text, are all text.
  if type(keys[1]) ~= "string" or not pcall(sort, keys) then
    sort(keys, comes_before)
  end
  return keys
end

return function(t)
  local keys, i = sorted_keys(t), 0
  local plain = metaof(t) == nil
  return function()
    i = i + 1
    local key = keys[i]
    while key ~= nil do
      local value
      if plain then
        value = t[key]
      else
        value = rawget(t, key)
      end
      if value ~= nil then
        return key, value
      end
      i = i + 1
      key = keys[i]
    end
  end,
    t
end
