-- The module `errors`: errors as values, and functions called with something to fall back on.
local core = ...
local type, error, next, rawget = type, error, next, rawget
local format, concat, pack, unpack = string.format, table.concat, table.pack, table.unpack
local pcall, shapes, categories, retrying = core.pcall, core["library/shapes"], core["library/categories"], core["library/retrying"]
local inside = core.settling
local module = {}

-- Values -----------------------------------------------------------------------------------------------------------

local value_of = core.errors.as_value

-- Returns the fields of an error, from what options say of them.
local function fields_of(options)
  local kind = options.kind or options.code
  if kind ~= nil and type(kind) ~= "string" then
    kind = core.tostring(kind)
  end
  return { kind = kind, code = options.code, data = options.data, cause = options.cause ~= nil and value_of(options.cause) or nil }
end

local function placed(fields)
  fields.kind = fields.kind or "runtime"
  fields.file, fields.line = core.errors.where()
  fields.traceback = core.errors.traceback()
  return core.errors.value(fields)
end

-- Returns an error to be raised; `code` becomes its kind where no kind is given.
function module.create(message, options)
  shapes.expect_text(message, "create")
  local fields = fields_of(core.settling.take_options(options, "create", "kind code data cause"))
  fields.message = message
  return placed(fields)
end

local FIELDS = { message = true, kind = true, code = true, data = true, cause = true }

-- Returns what a context says of an error; whatever else it says is data.
local function context_of(context)
  if type(context) == "string" or shapes.is_nothing(context) then
    return { message = context or nil }
  end
  shapes.expect(shapes.is_map(context), "wrap", "text or a map", context)
  local known, more = {}, {}
  for key, value in core.pairs(context) do
    local place = FIELDS[key] and known or more
    place[key] = value
  end
  if next(more) ~= nil then
    for key, value in core.pairs(shapes.is_map(known.data) and known.data or {}) do
      more[key] = value
    end
    known.data = more
  end
  return known
end

-- Returns an error that tells what was being done, with the other as its cause.
function module.wrap(problem, context)
  local cause, about = value_of(problem), context_of(context)
  local fields, message = fields_of(about), about.message
  fields.message = type(message) == "string" and message .. ": " .. cause.message or cause.message
  fields.kind, fields.cause = fields.kind or cause.kind, cause
  return placed(fields)
end

local function values_of(list, name)
  shapes.expect_list(list, name)
  if #list == 0 then
    shapes.refuse(name .. " takes a list of errors, not an empty one")
  end
  local values = core.list({})
  for i = 1, #list do
    values[i] = value_of(list[i])
  end
  return values
end

local function with_cause(e, cause)
  local fields = {}
  for name, value in next, e do
    fields[name] = value
  end
  fields.cause = cause
  return core.errors.value(fields)
end

-- Returns the first error, each with the next as its cause.
function module.chain(list)
  local values = values_of(list, "chain")
  local made = values[#values]
  for i = #values - 1, 1, -1 do
    made = with_cause(values[i], made)
  end
  return made
end

-- Returns one error for several; its data is the list.
function module.aggregate(list)
  local values, messages = values_of(list, "aggregate"), {}
  for i = 1, #values do
    messages[i] = values[i].message
  end
  local message = format("%d error%s: %s", #values, #values == 1 and "" or "s", concat(messages, "; "))
  return placed({ kind = "aggregate", message = message, data = values })
end

local FIELDS = { "message", "file", "traceback" }

local function to_map(e)
  local map = { kind = e.kind, code = e.code, line = e.line, data = e.data }
  for i = 1, #FIELDS do
    map[FIELDS[i]] = rawget(e, FIELDS[i])
  end
  map.cause = e.cause ~= nil and to_map(value_of(e.cause)) or nil
  return map
end

function module.to_json(problem)
  return core.json.encode(to_map(value_of(problem)))
end

local WRITTEN = { "message", "data", "code", "file", "line", "traceback" }

local function from_map(map)
  if not shapes.is_map(map) or type(map.message) ~= "string" then
    shapes.refuse("from_json takes the JSON of an error: an object with a message")
  end
  local fields = { kind = type(map.kind) == "string" and map.kind or "runtime" }
  for _, name in next, WRITTEN do
    if not shapes.is_nothing(map[name]) then
      fields[name] = map[name]
    end
  end
  fields.cause = not shapes.is_nothing(map.cause) and from_map(map.cause) or nil
  return core.errors.value(fields)
end

function module.from_json(text)
  return from_map(core.json.decode(text))
end

-- Calling ----------------------------------------------------------------------------------------------------------

-- Returns what a call that catches errors returned, what was caught as an error value that listeners have seen.
local function told(ok, problem, ...)
  if ok then
    return true, problem, ...
  end
  problem = value_of(problem)
  categories.tell(problem)
  return false, problem
end

local function attempt(f, ...)
  return told(pcall(f, ...))
end

local function pass(ok, ...)
  if ok then
    return ...
  end
  error((...), 0)
end

local function expect_optional(f)
  return not shapes.is_nothing(f) and shapes.expect_function(f, "try")
end

-- Calls a function; where it fails, `catch(error)` answers instead; `finally()` is called whatever happened.
function module.try(f, catch, finally)
  shapes.expect_function(f, "try")
  catch, finally = expect_optional(catch), expect_optional(finally)
  local outcome = pack(attempt(f))
  if not outcome[1] and catch then
    outcome = pack(pcall(catch, outcome[2]))
  end
  if finally then
    finally()
  end
  return pass(unpack(outcome, 1, outcome.n))
end

local function instead(g, ok, ...)
  if ok then
    return ...
  end
  return g((...))
end

-- Returns what `f` returns, or where that fails what `g(error)` does.
function module.fallback(f, g)
  shapes.expect_function(f, "fallback")
  shapes.expect_function(g, "fallback")
  return instead(g, attempt(f))
end

-- Returns what `f` returns, or the default where that fails.
function module.safe(f, default)
  shapes.expect_function(f, "safe")
  return instead(function()
    return default
  end, attempt(f))
end

-- Returns what `f` returns; where that takes longer, it is stopped with its calls, and a `timeout` is raised.
function module.timeout(f, seconds, ...)
  shapes.expect_function(f, "timeout")
  inside.expect_seconds(seconds, "errors.timeout")
  return core.promise.await(core.promise.spawn(f, ...), seconds)
end

module.retry = retrying.retry(attempt)
module.circuit_breaker = retrying.circuit_breaker(attempt)
for name, f in next, categories.module do
  module[name] = f
end

return module
