-- Expectations: each raises an `assertion` error at the spell's line, with both values as text, where it does not hold.
local core = ...
local type, rawequal, tostring = type, rawequal, tostring
local setmetatable, format, find, sub, abs = setmetatable, string.format, string.find, string.sub, math.abs
local shapes, comparing, doubles = core["library/shapes"], core["library/comparing"], core["library/doubles"]
local judging, show, brief = core["library/judging"], core["library/showing"].show, core["library/showing"].brief
local kinds, length_of, includes = judging.kinds, judging.length_of, judging.includes
local holds_item, count_held, is_meant = judging.holds_item, judging.count_held, judging.is_meant
local expecting, methods = {}, {}
local states = setmetatable({}, core.WEAK)
local EXPECTATION = { __metatable = "expectation", __name = "expectation", __tostring = core.label }

function EXPECTATION.__index(_, name)
  if methods[name] == nil then
    local known = {}
    for each in core.pairs(methods) do
      known[#known + 1] = each
    end
    shapes.refuse("an expectation has no " .. tostring(name) .. "; it has " .. table.concat(known, ", "))
  end
  return methods[name]
end

core.uncrossable[EXPECTATION] = "an expectation cannot cross the border"
core.special[EXPECTATION] = function()
  core.writer.fault()
end

local function state_of(self)
  return states[self] or shapes.refuse("write testing.expect(value):equals(...), with a colon")
end

-- Raises unless it holds; `wanted` is text.
local function check(self, holds, phrase, wanted, got)
  local state = state_of(self)
  if (holds and true or false) ~= state.never then
    return self
  end
  got = got or show(state.value)
  local message = "expected " .. brief(got) .. (state.never and " never to " or " to ") .. phrase
  if wanted then
    message = message .. " " .. brief(wanted)
  end
  local data = { matcher = phrase, got = got, expected = not state.never and wanted or nil }
  core.errors.raise("assertion", message, data)
end

local function value_of(self)
  return state_of(self).value
end

function expecting.expect(value)
  local made = setmetatable({}, EXPECTATION)
  states[made] = { value = value, never = false }
  return made
end

function expecting.fail(message)
  core.errors.raise("assertion", message == nil and "the test has failed" or shapes.expect_text(message, "fail"))
end

function methods:never()
  local made = expecting.expect(value_of(self))
  states[made].never = not state_of(self).never
  return made
end

function methods:equals(wanted)
  return check(self, comparing.equals(value_of(self), wanted), "equal", show(wanted))
end

function methods:same(wanted)
  return check(self, rawequal(value_of(self), wanted), "be the same as", show(wanted))
end

function methods:is_true()
  return check(self, value_of(self) == true, "be", "true")
end

function methods:is_false()
  return check(self, value_of(self) == false, "be", "false")
end

function methods:is_truthy()
  local value = value_of(self)
  return check(self, value and not shapes.is_nothing(value), "be truthy")
end

function methods:is_falsy()
  local value = value_of(self)
  return check(self, not value or shapes.is_nothing(value), "be falsy")
end

function methods:is_nothing()
  return check(self, shapes.is_nothing(value_of(self)), "be nothing")
end

function methods:is_a(kind)
  local fits = kinds[kind]
  if not fits then
    shapes.refuse("is_a takes nothing, bool, int, number, text, list, map, function or error, not " .. show(kind))
  end
  return check(self, fits(value_of(self)), "be a", tostring(kind))
end

function methods:contains(wanted)
  local value, found = value_of(self), false
  if type(value) == "string" then
    found = find(value, shapes.expect_text(wanted, "contains"), 1, true) ~= nil
  elseif shapes.is_plain(value) then
    found = holds_item(value, wanted)
  end
  return check(self, found, "contain", show(wanted))
end

function methods:has_items(wanted)
  local value = value_of(self)
  local count = #shapes.expect_list(wanted, "has_items")
  return check(self, shapes.may_be_list(value) and count_held(value, wanted) == count, "have the items", show(wanted))
end

function methods:same_items(wanted)
  local value = value_of(self)
  local count = #shapes.expect_list(wanted, "same_items")
  local holds = shapes.may_be_list(value) and #value == count and count_held(value, wanted) == count
  return check(self, holds, "have the same items as", show(wanted))
end

function methods:every(f)
  local value, holds = value_of(self), true
  shapes.expect_function(f, "every")
  if not shapes.may_be_list(value) then
    shapes.refuse("every takes a list, not " .. shapes.name_of(value))
  end
  for i = 1, #value do
    local told = f(value[i])
    holds = told and not shapes.is_nothing(told)
    if not holds then
      break
    end
  end
  return check(self, holds, "satisfy the function in every item")
end

function methods:one_of(values)
  return check(self, holds_item(shapes.expect_list(values, "one_of"), value_of(self)), "be one of", show(values))
end

function methods:has_key(key)
  local value = value_of(self)
  return check(self, shapes.is_plain(value) and value[key] ~= nil, "have the key", show(key))
end

function methods:includes(wanted)
  return check(self, includes(value_of(self), wanted), "include", show(wanted))
end

function methods:matches(pattern)
  local value = value_of(self)
  shapes.expect_text(pattern, "matches")
  return check(self, type(value) == "string" and find(value, pattern) ~= nil, "match", show(pattern))
end

function methods:starts_with(text)
  local value = value_of(self)
  shapes.expect_text(text, "starts_with")
  return check(self, type(value) == "string" and sub(value, 1, #text) == text, "start with", show(text))
end

function methods:ends_with(text)
  local value = value_of(self)
  shapes.expect_text(text, "ends_with")
  return check(self, type(value) == "string" and (text == "" or sub(value, -#text) == text), "end with", show(text))
end

function methods:has_length(count)
  shapes.expect_number(count, "has_length", 0)
  return check(self, length_of(value_of(self)) == count, "have the length", show(count))
end

function methods:is_empty()
  return check(self, length_of(value_of(self)) == 0, "be empty")
end

local function compares(name, phrase, holds)
  methods[name] = function(self, bound)
    local value = value_of(self)
    shapes.expect(type(bound) == "number", name, "a number", bound)
    return check(self, type(value) == "number" and holds(value, bound), phrase, show(bound))
  end
end

compares("above", "be above", function(a, b)
  return a > b
end)
compares("at_least", "be at least", function(a, b)
  return a >= b
end)
compares("below", "be below", function(a, b)
  return a < b
end)
compares("at_most", "be at most", function(a, b)
  return a <= b
end)

function methods:between(low, high)
  local value = value_of(self)
  shapes.expect(type(low) == "number", "between", "a number", low)
  shapes.expect(type(high) == "number", "between", "a number", high)
  local holds = type(value) == "number" and value >= low and value <= high
  return check(self, holds, "be between", show(low) .. " and " .. show(high))
end

function methods:near(wanted, within)
  local value = value_of(self)
  shapes.expect(type(wanted) == "number", "near", "a number", wanted)
  within = within == nil and 1e-9 or shapes.expect_number(within, "near", 0)
  return check(self, type(value) == "number" and abs(value - wanted) <= within, "be near", show(wanted))
end

function methods:satisfies(f)
  return check(self, shapes.expect_function(f, "satisfies")(value_of(self)), "satisfy the function")
end

-- Calls the function that is expected to raise, and checks its error.
local function raising(self, name, phrase, wanted, judge)
  local f = shapes.expect_function(value_of(self), name)
  local ok, problem = core.pcall(f)
  local e = not ok and core.errors.as_value(problem)
  local got = ok and "a function that raises nothing" or show(e)
  return check(self, not ok and judge(e), phrase, wanted, got)
end

function methods:raises(wanted)
  shapes.expect(wanted == nil or type(wanted) == "string" or shapes.is_map(wanted), "raises", "text or fields", wanted)
  local shown = wanted ~= nil and show(wanted) or nil
  return raising(self, "raises", shown and "raise" or "raise an error", shown, function(e)
    return is_meant(e, wanted)
  end)
end

function methods:raises_matching(pattern)
  shapes.expect_text(pattern, "raises_matching")
  return raising(self, "raises_matching", "raise an error that matches", show(pattern), function(e)
    return find(tostring(e.message), pattern) ~= nil
  end)
end

local function double_of(self, name)
  return doubles.state_of(value_of(self)) or shapes.refuse(name .. " takes a mock, a spy or a stub, not " .. shapes.name_of(value_of(self)))
end

function methods:was_called(times)
  local count = #double_of(self, "was_called").calls
  local holds = times == nil and count > 0 or times == count
  local wanted = times ~= nil and format("%.0f times", shapes.expect_number(times, "was_called", 0)) or nil
  return check(self, holds, "have been called", wanted, format("a mock that was called %.0f times", count))
end

function methods:was_called_with(...)
  local calls, wanted = double_of(self, "was_called_with").calls, core.list({ ... })
  return check(self, holds_item(calls, wanted), "have been called with", show(wanted), show(calls))
end

function methods:last_called_with(...)
  local calls, wanted = double_of(self, "last_called_with").calls, core.list({ ... })
  local last = calls[#calls]
  local got = last and show(last) or "a mock that was never called"
  return check(self, last and comparing.equals(last, wanted), "be the last call's arguments:", show(wanted), got)
end

function methods:matches_snapshot(name)
  local found = core.call('"_testing"', '"snapshot"', value_of(self), name)
  return check(self, found.ok, "match the snapshot", found.expected, found.got)
end

methods.deep_equals, methods.error, methods.error_matches = methods.equals, methods.raises, methods.raises_matching

return expecting
