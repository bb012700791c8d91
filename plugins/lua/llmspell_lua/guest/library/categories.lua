-- What sort of trouble an error is, and who wants to hear of it.
local core = ...
local type = type
local shapes = core["library/shapes"]
local value_of = core.errors.as_value

local KINDS = {
  timeout = "timeout",
  cancelled = "cancelled",
  limit = "limit",
  budget = "limit",
  denied = "permission",
  rate_limited = "rate_limit",
  provider = "provider",
  network = "network",
  argument = "validation",
  conversion = "validation",
  validation = "validation",
  schema = "validation",
  parameters = "validation",
  syntax = "syntax",
  incomplete = "syntax",
  deadlock = "deadlock",
}
-- By category: whether trying again may help, and whether nothing will.
local RETRYABLE = { timeout = true, rate_limit = true, provider = true, network = true }
local FATAL = { cancelled = true, limit = true, permission = true, syntax = true, deadlock = true }
local own, listeners = {}, {}

-- Returns what a list of kinds, one kind or a function says of errors.
local function matcher(wanted, name)
  if core.settling.callable(wanted) then
    return wanted
  end
  local kinds = {}
  if type(wanted) == "string" then
    wanted = { wanted }
  end
  shapes.expect(shapes.may_be_list(wanted), name, "kinds of errors or a function", wanted)
  for i = 1, #wanted do
    kinds[shapes.expect_text(wanted[i], name)] = true
  end
  return function(e)
    return kinds[e.kind] or kinds["*"]
  end
end

local function category_of(e)
  for i = #own, 1, -1 do
    if own[i].matches(e) then
      return own[i].name, own[i]
    end
  end
  return KINDS[e.kind] or "script"
end

local function holds(known, field)
  return function(problem)
    local e = value_of(problem)
    local name, registered = category_of(e)
    if registered and registered[field] ~= nil then
      return registered[field]
    end
    return known[name] or false
  end
end

local module = {
  is_retryable = holds(RETRYABLE, "retryable"),
  is_fatal = holds(FATAL, "fatal"),
}

function module.categorize(problem)
  return (category_of(value_of(problem)))
end

-- Adds a category of errors, before those there are: by their kinds, or a function of the error.
function module.register_category(name, kinds, options)
  shapes.expect_text(name, "register_category")
  local about = core.settling.take_options(options, "register_category", "retryable fatal")
  own[#own + 1] = {
    name = name,
    matches = matcher(kinds, "register_category"),
    retryable = about.retryable,
    fatal = about.fatal,
  }
end

-- Calls `f(error)` for each error of those kinds that this module catches. Returns a function that ends it.
function module.on_error(kinds, f)
  local listener = { matches = matcher(kinds, "on_error"), f = shapes.expect_function(f, "on_error") }
  listeners[#listeners + 1] = listener
  return function()
    for i = #listeners, 1, -1 do
      if listeners[i] == listener then
        table.remove(listeners, i)
      end
    end
  end
end

local function tell(e)
  local all = { table.unpack(listeners) }
  for i = 1, #all do
    if all[i].matches(e) then
      all[i].f(e)
    end
  end
end

return { module = module, matcher = matcher, tell = tell }
