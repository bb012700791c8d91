-- Expectations: each raises an `assertion` error at the spell's line, with both values as text, where it does not hold.
local core = ...
local type, next, rawequal, tostring = type, next, rawequal, tostring
local setmetatable, metaof, sort, rep, format = setmetatable, debug.getmetatable, table.sort, string.rep, string.format
local find, sub, concat, abs, mtype = string.find, string.sub, table.concat, math.abs, math.type
local shapes, comparing, doubles = core["library/shapes"], core["library/comparing"], core["library/doubles"]
local expecting, methods = {}, {}
local states = setmetatable({}, core.WEAK)
local EXPECTATION = { __index = methods, __metatable = "expectation", __name = "expectation", __tostring = core.label }
core.uncrossable[EXPECTATION] = "an expectation cannot cross the border"
core.special[EXPECTATION] = function()
  core.writer.fault()
end

-- Text of values ---------------------------------------------------------------------------------------------------

local WIDTH = 60
local show

local function key_text(key)
  if type(key) == "string" and find(key, "^[%a_][%w_]*$") then
    return key
  end
  return "[" .. show(key, "", 1) .. "]"
end

local function shown_items(value, inner, depth)
  local items, count = {}, #value
  for i = 1, count do
    items[i] = show(value[i], inner, depth)
  end
  local rest = {}
  for key, item in next, value do
    if not (type(key) == "number" and key % 1 == 0 and key >= 1 and key <= count) then
      rest[#rest + 1] = key_text(key) .. " = " .. show(item, inner, depth)
    end
  end
  sort(rest)
  for i = 1, #rest do
    items[#items + 1] = rest[i]
  end
  return items
end

function show(value, indent, depth)
  if type(value) == "string" then
    return (format("%q", value):gsub("\\\n", "\\n"))
  elseif rawequal(value, core.NULL) then
    return "null"
  elseif type(value) == "table" and metaof(value) == core.errors.ERROR then
    return "error(" .. tostring(value.kind) .. ", " .. show(tostring(value), indent, depth) .. ")"
  elseif not shapes.is_plain(value) then
    return core.tostring(value)
  elseif depth > 20 then
    return "{...}"
  end
  local inner = indent .. "  "
  local items = shown_items(value, inner, depth + 1)
  local line = concat(items, ", ")
  if #line + #indent <= WIDTH and not find(line, "\n", 1, true) then
    return "{" .. line .. "}"
  end
  return "{\n" .. inner .. concat(items, ",\n" .. inner) .. ",\n" .. indent .. "}"
end

local function brief(text)
  text = text:gsub("%s+", " ")
  return #text > WIDTH and sub(text, 1, WIDTH) .. "..." or text
end

-- Checking ---------------------------------------------------------------------------------------------------------

local function state_of(self)
  return states[self] or shapes.refuse("write testing.expect(value):equals(...), with a colon")
end

-- Raises unless it holds; `wanted` is text.
local function check(self, holds, phrase, wanted, got)
  local state = state_of(self)
  if (holds and true or false) ~= state.never then
    return self
  end
  got = got or show(state.value, "", 0)
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
  return check(self, comparing.equals(value_of(self), wanted), "equal", show(wanted, "", 0))
end

function methods:same(wanted)
  return check(self, rawequal(value_of(self), wanted), "be the same as", show(wanted, "", 0))
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

local KINDS = {
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

function methods:is_a(kind)
  local fits = KINDS[kind]
  if not fits then
    shapes.refuse("is_a takes nothing, bool, int, number, text, list, map, function or error, not " .. show(kind, "", 0))
  end
  return check(self, fits(value_of(self)), "be a", tostring(kind))
end

local function holds_item(list, wanted)
  for _, item in next, list do
    if comparing.equals(item, wanted) then
      return true
    end
  end
  return false
end

function methods:contains(wanted)
  local value, found = value_of(self), false
  if type(value) == "string" then
    found = find(value, shapes.expect_text(wanted, "contains"), 1, true) ~= nil
  elseif shapes.is_plain(value) then
    found = holds_item(value, wanted)
  end
  return check(self, found, "contain", show(wanted, "", 0))
end

function methods:has_key(key)
  local value = value_of(self)
  return check(self, shapes.is_plain(value) and value[key] ~= nil, "have the key", show(key, "", 0))
end

-- Tells whether a map has at least these fields; maps in it likewise.
local function includes(value, wanted)
  if not (shapes.is_plain(value) and shapes.is_map(wanted)) then
    return comparing.equals(value, wanted)
  end
  for key, item in next, wanted do
    if not includes(value[key], item) then
      return false
    end
  end
  return true
end

function methods:includes(wanted)
  return check(self, includes(value_of(self), wanted), "include", show(wanted, "", 0))
end

function methods:matches(pattern)
  local value = value_of(self)
  shapes.expect_text(pattern, "matches")
  return check(self, type(value) == "string" and find(value, pattern) ~= nil, "match", show(pattern, "", 0))
end

function methods:starts_with(text)
  local value = value_of(self)
  shapes.expect_text(text, "starts_with")
  return check(self, type(value) == "string" and sub(value, 1, #text) == text, "start with", show(text, "", 0))
end

function methods:ends_with(text)
  local value = value_of(self)
  shapes.expect_text(text, "ends_with")
  return check(self, type(value) == "string" and (text == "" or sub(value, -#text) == text), "end with", show(text, "", 0))
end

local function length_of(value)
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

function methods:has_length(count)
  shapes.expect_number(count, "has_length", 0)
  return check(self, length_of(value_of(self)) == count, "have the length", show(count, "", 0))
end

function methods:is_empty()
  return check(self, length_of(value_of(self)) == 0, "be empty")
end

local function compares(name, phrase, holds)
  methods[name] = function(self, bound)
    local value = value_of(self)
    shapes.expect(type(bound) == "number", name, "a number", bound)
    return check(self, type(value) == "number" and holds(value, bound), phrase, show(bound, "", 0))
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

function methods:near(wanted, within)
  local value = value_of(self)
  shapes.expect(type(wanted) == "number", "near", "a number", wanted)
  within = within == nil and 1e-9 or shapes.expect_number(within, "near", 0)
  return check(self, type(value) == "number" and abs(value - wanted) <= within, "be near", show(wanted, "", 0))
end

function methods:satisfies(f)
  return check(self, shapes.expect_function(f, "satisfies")(value_of(self)), "satisfy the function")
end

-- Tells whether an error is meant by a part of its message, or by its fields.
local function is_meant(e, wanted)
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

function methods:raises(wanted)
  local f = shapes.expect_function(value_of(self), "raises")
  shapes.expect(wanted == nil or type(wanted) == "string" or shapes.is_map(wanted), "raises", "text or fields", wanted)
  local ok, problem = core.pcall(f)
  local e = not ok and core.errors.as_value(problem)
  local got = ok and "a function that raises nothing" or show(e, "", 0)
  local shown = wanted ~= nil and show(wanted, "", 0) or nil
  return check(self, not ok and is_meant(e, wanted), shown and "raise" or "raise an error", shown, got)
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
  return check(self, holds_item(calls, wanted), "have been called with", show(wanted, "", 0), show(calls, "", 0))
end

function methods:matches_snapshot(name)
  local found = core.call('"_testing"', '"snapshot"', value_of(self), name)
  return check(self, found.ok, "match the snapshot", found.expected, found.got)
end

return expecting
