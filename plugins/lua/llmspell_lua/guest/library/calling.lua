-- Functions around functions: called later, less often, or once for each set of arguments.
local core = ...
local shapes, inside = core["library/shapes"], core.settling
local select, type, unpack, format, concat = select, type, table.unpack, string.format, table.concat
local spawn, await = core.promise.spawn, core.promise.await -- with them promises get their methods
local calling = {}

-- Returns a function that calls `f` once no call has come for so many seconds; calls answer a promise of its result.
function calling.debounce(f, seconds)
  shapes.expect_function(f, "debounce")
  shapes.expect_number(seconds, "debounce", 0)
  local timer, promise, record
  return function(...)
    local args, count, scope = { ... }, select("#", ...), core.scope()
    if timer then
      core.cancel_call(timer)
    else
      promise, record = inside.new()
    end
    timer = core.call_later(function()
      timer = nil
      core.start_in(scope, inside.outcome_of(record), f, inside.act, f, unpack(args, 1, count))
    end, '"host"', '"sleep"', seconds)
    return promise
  end
end

-- Returns a function that calls `f` at most once in so many seconds; calls in between answer the last result.
function calling.throttle(f, seconds)
  shapes.expect_function(f, "throttle")
  shapes.expect_number(seconds, "throttle", 0)
  local last, result
  return function(...)
    if not last or core.now - last >= seconds then
      last = core.now
      result = f(...)
    end
    return result
  end
end

local function key_of(...)
  local parts = {}
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    local kind = type(value)
    if kind == "number" then
      parts[i] = format("%.17g", value)
    elseif kind == "string" then
      parts[i] = format("%q", value)
    elseif shapes.is_plain(value) or kind == "boolean" or shapes.is_nothing(value) then
      parts[i] = core.json.encode(value)
    else
      shapes.refuse("memoize cannot tell calls apart by " .. shapes.name_of(value) .. "; give it a function that makes a key")
    end
  end
  return concat(parts, ",")
end

-- Returns a function that calls `f` once for each set of arguments; what fails is tried again.
function calling.memoize(f, key)
  shapes.expect_function(f, "memoize")
  if key ~= nil then
    shapes.expect_function(key, "memoize")
  end
  local known = {}
  return function(...)
    local name = (key or key_of)(...)
    if name == nil then
      shapes.refuse("memoize takes a function that makes a key, not one that makes nothing")
    end
    local promise = known[name]
    if not promise then
      promise = spawn(f, ...)
      known[name] = promise
      inside.react(inside.records[promise], function()
        if inside.records[promise].state == "rejected" then
          known[name] = nil
        end
      end)
    end
    return await(promise)
  end
end

return calling
