-- The module `testing`: tests are told of here; the host runs them when the file has ended.
local core = ...
local type, next, error = type, next, error
local shapes, doubles, expecting = core["library/shapes"], core["library/doubles"], core["library/expecting"]
local take_options = core.settling.take_options
local GROUP, TEST = "only skip", "only skip timeout"
local BENCH = "only skip timeout times"
local LOAD = "at_once duration max_errors median only p95 p99 per_second skip timeout times"
local testing = {}
local root, group, is_run

local function new_group(name, options)
  local made = { name = name, skip = options.skip, only = options.only, items = core.list({}) }
  for _, kind in next, { "before_all", "after_all", "before_each", "after_each" } do
    made[kind] = core.list({})
  end
  return made
end

local function run()
  is_run = true
  return core.call('"_testing"', '"run"', root, doubles.restore)
end

-- Runs the tests that nobody has run yet, at the end of the file.
local function at_end(failure)
  if failure or is_run then
    return
  end
  local report = run()
  if report.text ~= "" then
    core.print_text(report.text)
    if report.failed > 0 then
      core.errors.raise("assertion", string.format("%.0f of %.0f tests failed", report.failed, #report.tests))
    end
  end
end

local function begin()
  root = new_group("", {})
  group = root
  local before = core.closing
  core.closing = not before and at_end or function(failure, value)
    at_end(failure)
    before(failure, value)
  end
end

local function current(name)
  if is_run then
    core.errors.raise("call", "testing." .. name .. ": the tests run already; tell of all of them before")
  elseif not root then
    begin()
  end
  return group
end

local function add(name, f, options, caller, load)
  shapes.expect_text(name, caller)
  local items = current(caller).items
  local file, line = core.errors.where()
  items[#items + 1] = { name = name, f = f, file = file, line = line, skip = options.skip, only = options.only,
    timeout = options.timeout, caller = caller, load = load }
end

-- Tells of a group of tests; what `f` tells of belongs to it.
function testing.describe(name, f, options)
  shapes.expect_text(name, "describe")
  shapes.expect_function(f, "describe")
  local outer = current("describe")
  local made = new_group(name, take_options(options, "describe", GROUP))
  outer.items[#outer.items + 1] = made
  group = made
  local ok, problem = core.xpcall(f, core.errors.keep_trace)
  group = outer
  if not ok then
    error(problem, 0)
  end
end

function testing.it(name, f, options)
  add(name, shapes.expect_function(f, "it"), take_options(options, "it", TEST), "it")
end

function testing.only(name, f)
  add(name, shapes.expect_function(f, "only"), { only = true }, "only")
end

function testing.skip(name, f)
  add(name, f, { skip = true }, "skip")
end

function testing.todo(name)
  add(name, nil, { skip = "todo" }, "todo")
end

local function measured(caller, known)
  testing[caller] = function(name, f, options)
    options = take_options(options, caller, known)
    add(name, shapes.expect_function(f, caller), options, caller, options)
  end
end

measured("bench", BENCH)
measured("load_test", LOAD)
testing.benchmark = testing.bench

for _, kind in next, { "before_all", "after_all", "before_each", "after_each" } do
  testing[kind] = function(f)
    shapes.expect_function(f, kind)
    local list = current(kind)[kind]
    list[#list + 1] = f
  end
end

-- Runs what was told of so far, and returns what came of it.
function testing.run()
  current("run")
  return run().tests
end

testing.expect, testing.fail = expecting.expect, expecting.fail
testing.mock, testing.mock_object, testing.spy, testing.stub = doubles.mock, doubles.mock_object, doubles.spy, doubles.stub

function testing.fake_model(replies)
  if type(replies) == "string" then
    replies = core.list({ replies })
  end
  return core.call('"_testing"', '"fake_model"', replies)
end

function testing.fake_call(name, answer)
  return core.call('"_testing"', '"fake_call"', name, answer)
end

function testing.fake_clock(start)
  return core.call('"_testing"', '"fake_clock"', start)
end

return testing
