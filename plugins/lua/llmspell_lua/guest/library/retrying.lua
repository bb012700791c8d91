-- Calling again what failed, and no more what fails too often.
local core = ...
local error, min, random, pack, unpack = error, math.min, math.random, table.pack, table.unpack
local shapes, categories = core["library/shapes"], core["library/categories"]
local retrying = {}

local STRATEGIES = {
  exponential = function(delay, attempt)
    return delay * 2 ^ (attempt - 1)
  end,
  linear = function(delay, attempt)
    return delay * attempt
  end,
  constant = function(delay)
    return delay
  end,
}

local function number(options, name, default, least)
  local value = options[name]
  if value == nil then
    return default
  end
  return shapes.expect_number(value, name, least)
end

local function plan_of(options)
  options = core.settling.take_options(options, "retry", "attempts strategy delay max_delay jitter retry_on")
  local strategy = options.strategy == nil and "exponential" or shapes.expect_text(options.strategy, "retry: strategy")
  if not STRATEGIES[strategy] then
    shapes.refuse("retry: the strategy is exponential, linear or constant, not " .. strategy)
  end
  return {
    attempts = number(options, "attempts", 3, 1),
    wait = STRATEGIES[strategy],
    delay = number(options, "delay", 1, 0),
    most = number(options, "max_delay", 60, 0),
    jitter = options.jitter == true and 1 or min(number({ jitter = options.jitter or nil }, "jitter", 0, 0), 1),
    retries = options.retry_on ~= nil and categories.matcher(options.retry_on, "retry: retry_on") or function(e)
      return not categories.module.is_fatal(e)
    end,
  }
end

local function seconds_of(plan, attempt)
  local seconds = min(plan.wait(plan.delay, attempt), plan.most)
  if plan.jitter > 0 then
    seconds = seconds * (1 - plan.jitter * random())
  end
  return seconds
end

-- Calls `f(attempt)` until it succeeds or may not be tried again, with waits between.
function retrying.retry(attempt)
  return function(f, options)
    shapes.expect_function(f, "retry")
    local plan, made = plan_of(options), 1
    local outcome = pack(attempt(f, made))
    while not outcome[1] do
      if made >= plan.attempts or not plan.retries(outcome[2]) then
        error(outcome[2], 0)
      end
      local seconds = seconds_of(plan, made)
      if seconds > 0 then
        core.call('"host"', '"sleep"', seconds)
      end
      made = made + 1
      outcome = pack(attempt(f, made))
    end
    return unpack(outcome, 2, outcome.n)
  end
end

-- Returns a function that calls `f`, but for so many seconds after so many failures on end, which it refuses at once.
function retrying.circuit_breaker(attempt)
  return function(f, options)
    shapes.expect_function(f, "circuit_breaker")
    options = core.settling.take_options(options, "circuit_breaker", "threshold reset")
    local threshold, reset = number(options, "threshold", 5, 1), number(options, "reset", 30, 0)
    local failures, opened, trying = 0, nil, false
    local function closing(ok, ...)
      trying = false
      if ok then
        failures, opened = 0, nil
        return ...
      end
      failures = failures + 1
      if failures >= threshold then
        opened = core.now
      end
      error((...), 0)
    end
    return function(...)
      local left = opened and opened + reset - core.now
      if left and (left > 0 or trying) then
        local message = string.format("the circuit is open after %d failures; it is tried again in %.14g seconds", failures, left)
        core.errors.raise("circuit_open", message, { failures = failures, retry_after = left })
      end
      trying = opened ~= nil
      return closing(attempt(f, ...))
    end
  end
end

return retrying
