-- Does with promises what the suite asks for. Objects of the suite's are tables whose `and_then` asks for their `then`.
local promises, settlers, last = {}, {}, 0
local objects, numbers = {}, setmetatable({}, { __mode = "k" })
local value_of

local function wire(value)
  if numbers[value] then
    return numbers[value]
  end
  return { problem = tostring(value) }
end

local function keep(list, thing)
  last = last + 1
  list[last] = thing
  return last
end

local OBJECT = {
  __index = function(object, key)
    local number = numbers[object]
    local ok, found = pcall(probe.get, number.object)
    if not ok then
      error(value_of(found.data), 0)
    end
    return found
      and function(_, fulfil, fail)
        local ok, problem = pcall(probe.follow, found, number.object, keep(settlers, fulfil), keep(settlers, fail))
        if not ok then
          error(value_of(problem.data), 0)
        end
      end
  end,
}

function value_of(given)
  if given.promise then
    return promises[given.promise]
  end
  local key = given.object or -given.plain
  if not objects[key] then
    objects[key] = given.object and setmetatable({}, OBJECT) or {}
    numbers[objects[key]] = given
  end
  return objects[key]
end

local function known(made)
  made:on_error(function() end) -- the suite leaves failures to themselves, which would end the run
  local number = keep(promises, made)
  numbers[made] = { promise = number }
  return number
end

local function handler(id)
  return id
    and function(value)
      local ok, result = pcall(probe.call, id, wire(value))
      if not ok then
        error(value_of(result.data), 0)
      end
      return value_of(result)
    end
end

local does = {}

function does.deferred()
  local fulfil, fail
  local number = known(promise.new(function(f, r)
    fulfil, fail = f, r
  end))
  return { number, keep(settlers, fulfil), keep(settlers, fail) }
end

function does.settle(number, value)
  settlers[number](value_of(value))
end

does["then"] = function(number, on_value, on_error)
  return known(promises[number]:and_then(handler(on_value), handler(on_error)))
end

local result
while true do
  local asked = probe.next(result)
  result = does[asked[1]](asked[2], asked[3] or nil, asked[4] or nil)
end
