-- What `string` has beside Lua's own.
local core = ...
local shapes = core["library/shapes"]
local type, select, next = type, select, next
local find, sub, gsub, byte, lower, upper, gmatch, match =
  string.find, string.sub, string.gsub, string.byte, string.lower, string.upper, string.gmatch, string.match
local concat, expect_text = table.concat, shapes.expect_text
local SPACE = "[ \t\r\n\v\f]"
local strings = {}

-- Templates --------------------------------------------------------------------------------------------------------

local function value_at(values, name)
  local value = values
  for key in gmatch(name .. ".", "([^.]*)%.") do
    value = core["library/paths"].step_into(value, key)
  end
  return value
end

local function filled(values, place, name)
  if not find(name, "^[%a_\128-\255][%w_.\128-\255-]*$") then
    core.errors.raise("template", "the template has '" .. place .. "', which names no value; write {{name}}, or \\{{ for the text")
  end
  local value = value_at(values, name)
  if value == nil then
    core.errors.raise("template", "the template needs a value for '" .. name .. "'", { variable = name })
  end
  return type(value) == "string" and value or core.json.encode(value)
end

-- Puts values into `{{places}}`; `\{{` stands for the text itself.
function strings.template(text, values)
  expect_text(text, "template")
  shapes.expect(shapes.is_plain(values), "template", "a table of values", values)
  local made, n, at = {}, 0, 1
  while true do
    local from = find(text, "{{", at, true)
    if not from then
      made[n + 1] = sub(text, at)
      return concat(made)
    end
    local _, to, name = find(text, "^{{%s*([^{}]-)%s*}}", from)
    local escaped = from > at and byte(text, from - 1) == 92
    if escaped then
      name, to = "{{", from + 1
    elseif not to then
      name, to = "{", from
    else
      name = filled(values, sub(text, from, to), name)
    end
    made[n + 1], made[n + 2] = sub(text, at, escaped and from - 2 or from - 1), name
    n, at = n + 2, to + 1
  end
end

-- Letters ----------------------------------------------------------------------------------------------------------

local FOLDS = "a=àáâãäåāăą c=çćĉċč d=ďđð e=èéêëēĕėęě g=ĝğġģ h=ĥħ i=ìíîïĩīĭįı j=ĵ k=ķ l=ĺļľŀł n=ñńņňŋ o=òóôõöøōŏő "
  .. "r=ŕŗř s=śŝşš t=ţťŧ u=ùúûüũūŭůűų w=ŵ y=ýÿŷ z=źżž ss=ß ae=æ oe=œ th=þ"
local folds

local function fold_table()
  folds = {}
  for plain, letters in gmatch(FOLDS, "(%a+)=(%S+)") do
    for letter in gmatch(letters, "[\194-\244][\128-\191]*") do
      folds[utf8.codepoint(letter)] = plain
    end
  end
end

-- Returns the code of the small letter, of those that are folded.
local function small(code)
  if code >= 0xC0 and code <= 0xDE and code ~= 0xD7 then
    return code + 32
  elseif code == 0x178 then
    return 0xFF
  elseif code >= 0x100 and code <= 0x17E then
    local odd_is_small = code < 0x139 or (code > 0x148 and code < 0x178)
    return (code % 2 == 0) == odd_is_small and code + 1 or code
  end
  return code
end

-- Letters have two cases here that have them in every engine alike: Latin ones with their accents, Greek, Cyrillic.
local ALONE = { [0x130] = true, [0x131] = true, [0x138] = true, [0x149] = true }

local function lowered(code)
  if code >= 0x391 and code <= 0x3A9 or code >= 0x410 and code <= 0x42F then
    return code + 32
  elseif code >= 0x400 and code <= 0x40F then
    return code + 80
  end
  return small(code)
end

local function raised(code)
  if code >= 0xE0 and code <= 0xFE and code ~= 0xF7 or code >= 0x3B1 and code <= 0x3C9 and code ~= 0x3C2
    or code >= 0x430 and code <= 0x44F then
    return code - 32
  elseif code >= 0x450 and code <= 0x45F then
    return code - 80
  elseif code == 0xFF then
    return 0x178
  end
  return code > 0x100 and small(code - 1) == code and code - 1 or code
end

local function recased(text, ascii, change)
  return (gsub(ascii(text), "[\195-\209][\128-\191]", function(letter)
    local code = utf8.codepoint(letter)
    return not ALONE[code] and utf8.char(change(code)) or nil
  end))
end

local function folded(letter)
  local code = utf8.len(letter) == 1 and utf8.codepoint(letter)
  if not code then
    return " "
  elseif code <= 0xBF or (code >= 0x2000 and code <= 0x206F) or (code >= 0x3000 and code <= 0x3003) then
    return " "
  end
  return folds[small(code)] or letter
end

-- Returns text for addresses and file names: small letters, digits, and dashes between.
function strings.slugify(text, dash)
  expect_text(text, "slugify")
  dash = dash == nil and "-" or expect_text(dash, "slugify")
  if not folds then
    fold_table()
  end
  text = lower(gsub(text, "[\128-\255][\128-\191]*", folded))
  local words = {}
  for word in gmatch(text, "[%w\128-\255]+") do
    words[#words + 1] = word
  end
  return concat(words, dash)
end

function strings.capitalize(text)
  local head = match(expect_text(text, "capitalize"), "^[\195-\209][\128-\191]") or sub(text, 1, 1)
  return recased(head, upper, raised) .. sub(text, #head + 1)
end

local function words_of(text, name)
  expect_text(text, name)
  text = gsub(gsub(text, "([%l%d\128-\255])(%u)", "%1 %2"), "(%u)(%u%l)", "%1 %2")
  local words = {}
  for word in gmatch(text, "[%w\128-\255]+") do
    words[#words + 1] = recased(word, lower, lowered)
  end
  return words
end

function strings.camelcase(text)
  local words = words_of(text, "camelcase")
  for i = 2, #words do
    words[i] = strings.capitalize(words[i])
  end
  return concat(words)
end

function strings.snakecase(text)
  return concat(words_of(text, "snakecase"), "_")
end

-- Parts ------------------------------------------------------------------------------------------------------------

local function length(text)
  return utf8.len(text) or #text
end

local function first(text, count)
  if not utf8.len(text) then
    return sub(text, 1, count)
  end
  return count <= 0 and "" or sub(text, 1, (utf8.offset(text, count + 1) or #text + 1) - 1)
end

-- Returns the text in at most so many characters, the mark at its end where something was cut off.
function strings.truncate(text, size, mark)
  expect_text(text, "truncate")
  shapes.expect_whole(size, "truncate", 0)
  mark = mark == nil and "..." or expect_text(mark, "truncate")
  if length(text) <= size then
    return text
  end
  local left = size - length(mark)
  return left <= 0 and first(mark, size) or first(text, left) .. mark
end

local function split_by(text, separator, limit, parts)
  local at = 1
  while not limit or #parts < limit - 1 do
    local from, to = find(text, separator, at, true)
    if not from then
      break
    end
    parts[#parts + 1] = sub(text, at, from - 1)
    at = to + 1
  end
  parts[#parts + 1] = sub(text, at)
  return parts
end

local function characters(text, parts)
  for character in gmatch(text, utf8.len(text) and "[%z\1-\127\194-\244][\128-\191]*" or ".") do
    parts[#parts + 1] = character
  end
  return parts
end

-- Returns the parts between separators, at most so many; without a separator the words, with "" the characters.
function strings.split(text, separator, limit)
  expect_text(text, "split")
  local parts = core.list({})
  if separator == nil then
    for word in gmatch(text, "[^ \t\r\n\v\f]+") do
      parts[#parts + 1] = word
    end
    return parts
  end
  expect_text(separator, "split")
  if shapes.is_nothing(limit) then
    limit = nil
  else
    shapes.expect_whole(limit, "split", 1)
  end
  return separator == "" and characters(text, parts) or split_by(text, separator, limit, parts)
end

function strings.trim(text)
  expect_text(text, "trim")
  local from = find(text, "[^ \t\r\n\v\f]")
  if not from then
    return ""
  end
  local to = #text
  while find(sub(text, to, to), SPACE) do
    to = to - 1
  end
  return sub(text, from, to)
end

function strings.starts_with(text, start)
  expect_text(text, "starts_with")
  return sub(text, 1, #expect_text(start, "starts_with")) == start
end

function strings.ends_with(text, ending)
  expect_text(text, "ends_with")
  return #expect_text(ending, "ends_with") == 0 or sub(text, -#ending) == ending
end

return strings
