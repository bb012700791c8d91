-- Values as text, for those who read why an expectation does not hold.
local core = ...
local type, next, rawequal, tostring, metaof = type, next, rawequal, tostring, debug.getmetatable
local sort, format, find, sub, concat = table.sort, string.format, string.find, string.sub, table.concat
local shapes = core["library/shapes"]
local showing = {}
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

-- Returns the beginning of a text, on one line.
function showing.brief(text)
  text = text:gsub("%s+", " ")
  return #text > WIDTH and sub(text, 1, WIDTH) .. "..." or text
end

-- Returns a value as text, on several lines where it is long.
function showing.show(value)
  return show(value, "", 0)
end

return showing
