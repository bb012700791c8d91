-- Tells what a spell has in place of what it used and what is not there.
local core = ...
local pcall, pairs, rawequal, concat, sort = pcall, core.pairs, rawequal, table.concat, table.sort
local next, ipairs, sub, match, gmatch, find = next, ipairs, string.sub, string.match, string.gmatch, string.find
local MOST = 12 -- names that are worth listing
local LONGEST = 200 -- characters of what the VM says: what a spell raises may be of any length
local OUTSIDE = {} -- stands for what a bridge does, and which ones there are is for the host to say

local CURES = {
  ["io.lines"] = OUTSIDE,
  ["io.open"] = OUTSIDE,
  ["io.read"] = "what a spell is given is in params",
  ["io.stdin"] = "what a spell is given is in params",
  ["math.round"] = "math.floor(x + 0.5)",
  ["os.execute"] = "a spell starts no programs",
  ["io.popen"] = "a spell starts no programs",
  ["os.exit"] = "return ends the spell, error(message) fails it",
  ["os.getenv"] = OUTSIDE,
  ["os.remove"] = OUTSIDE,
  ["os.rename"] = OUTSIDE,
  ["string.gfind"] = "string.gmatch",
  ["table.foreach"] = "for key, value in pairs(t)",
  ["table.getn"] = "#t",
  JSON = "json.encode(value) and json.decode(text)",
  arg = "what a spell is given is in params",
  async = "promise.spawn(f); a call waits by itself",
  await = "promise.await(p); a call waits by itself",
  console = "print(...)",
  dofile = "require(name), or spell.include(path)",
  fetch = OUTSIDE,
  loadfile = "require(name), or spell.include(path)",
  setfenv = "load(text, name, 't', environment)",
  getfenv = "_ENV",
}

local METHODS = {
  endsWith = "text:ends_with(part)",
  endswith = "text:ends_with(part)",
  filter = "data.filter(list, f)",
  forEach = "for i, item in ipairs(list)",
  includes = "text:find(part, 1, true), or table.contains(list, item)",
  join = "table.concat(list, separator)",
  map = "data.map(list, f)",
  pop = "table.remove(list)",
  push = "table.insert(list, item)",
  replace = "text:gsub(pattern, with)",
  slice = "text:sub(first, last), or table.slice(list, first, last)",
  startsWith = "text:starts_with(part)",
  startswith = "text:starts_with(part)",
  strip = "text:trim()",
  substring = "text:sub(first, last)",
  toLowerCase = "text:lower()",
  toUpperCase = "text:upper()",
}

local MODULES = {
  { "json", "json" },
  { "inspect", "json", "json.encode(value, {pretty = true})" },
  { "yaml", "data", "data.parse(text, 'yaml')" },
  { "csv", "data", "data.parse(text, 'csv')" },
  { "http", OUTSIDE },
  { "socket", OUTSIDE },
  { "lfs", OUTSIDE },
  { "openai", OUTSIDE },
  { "base64", OUTSIDE },
  { "sha", OUTSIDE },
  { "md5", OUTSIDE },
  { "uuid", OUTSIDE },
}

local missing = {}

local function line_of(file, line)
  local at = 0
  for text in gmatch(core.files[file] .. "\n", "([^\n]*)\n") do
    at = at + 1
    if at == line then
      return text
    end
  end
  return ""
end

-- Tells whether a name stands for a library of Lua's that has nothing of the other name.
local function lacks(owner, name)
  local view = core.provided[owner]
  if view == nil or not rawequal(core.globals[owner], view) then
    return false
  end
  local ok, value = pcall(function()
    return view[name]
  end)
  return ok and value == nil
end

local function names_of(view)
  local names = {}
  for name in pairs(view) do
    names[#names + 1] = name
  end
  sort(names)
  return #names <= MOST and "; it has " .. concat(names, ", ") or ""
end

local function instead(cure)
  if cure == OUTSIDE then
    local bridges = {}
    for name in next, core.bound do
      bridges[#bridges + 1] = name
    end
    sort(bridges)
    cure = "the bridges do what lies outside of a spell: " .. concat(bridges, ", ")
  end
  return cure and "; instead: " .. cure or ""
end

-- Returns the message of an error of the VM's, with what is known of what was nil.
function missing.told(message, file, line)
  local last = sub(message, -LONGEST)
  local kind, name = match(last, "%((%a+) '([%w_]+)'%)$")
  if not kind then
    kind, name = match(last, "(%a+) '([%w_]+)' %(a nil value%)$")
  end
  if find(message, "^attempt to call a .*for iterator") then
    return message .. "; a table is walked with pairs or ipairs"
  elseif kind == "global" and CURES[name] then
    return message .. instead(CURES[name])
  elseif kind ~= "field" and kind ~= "method" then
    return message
  end
  for owner, field in gmatch(line_of(file, line), "%f[%w_]([%a_][%w_]*)%s*[.:]%s*([%w_]+)") do
    if field == name and lacks(owner, name) then
      local has = ": " .. owner .. " has no '" .. name .. "'" .. names_of(core.provided[owner])
      return message .. has .. instead(CURES[owner .. "." .. name])
    end
  end
  return message .. instead(kind == "method" and METHODS[name])
end

-- Returns what is there in place of a module that is not.
function missing.module(name)
  for _, each in ipairs(MODULES) do
    if each[2] == OUTSIDE and find(name, each[1], 1, true) then
      return instead(OUTSIDE)
    elseif find(name, each[1], 1, true) then
      return "; the global '" .. each[2] .. "' is there without require" .. (each[3] and ": " .. each[3] or "")
    end
  end
  return ""
end

return missing
