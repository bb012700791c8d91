-- Tells what a spell has in place of what it used and what is not there.
local core = ...
local pcall, pairs, rawequal, concat, sort = pcall, core.pairs, rawequal, table.concat, table.sort
local ipairs, sub, match, gmatch, find = ipairs, string.sub, string.match, string.gmatch, string.find
local MOST = 12 -- names that are worth listing
local LONGEST = 200 -- characters of what the VM says: what a spell raises may be of any length
local OUTSIDE = { io = true, os = true }

local CURES = {
  ["io.lines"] = "for line in fs.read(path):gmatch('[^\\n]+')",
  ["io.open"] = "fs.read(path) and fs.write(path, text)",
  ["io.read"] = "what a spell is given is in params",
  ["io.stdin"] = "what a spell is given is in params",
  ["math.round"] = "math.floor(x + 0.5)",
  ["os.execute"] = "a spell starts no programs",
  ["io.popen"] = "a spell starts no programs",
  ["os.exit"] = "return ends the spell, error(message) fails it",
  ["os.getenv"] = "env.get(name)",
  ["os.remove"] = "fs.delete(path)",
  ["string.gfind"] = "string.gmatch",
  ["table.foreach"] = "for key, value in pairs(t)",
  ["table.getn"] = "#t",
  JSON = "json.encode(value) and json.decode(text)",
  arg = "what a spell is given is in params",
  async = "promise.spawn(f); a call waits by itself",
  await = "promise.await(p); a call waits by itself",
  console = "print(...)",
  dofile = "require(name), or spell.include(path)",
  fetch = "http.get(url)",
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
  { "http", "http" },
  { "https", "http" },
  { "socket", "http" },
  { "lfs", "fs" },
  { "inspect", "json", "json.encode(value, {pretty = true})" },
  { "openai", "llm" },
  { "yaml", "data", "data.parse(text, 'yaml')" },
  { "csv", "data", "data.parse(text, 'csv')" },
  { "base64", "crypto", "crypto.base64_encode(text)" },
  { "sha", "crypto", "crypto.hash(text)" },
  { "md5", "crypto", "crypto.hash(text, 'md5')" },
  { "uuid", "crypto", "crypto.uuid()" },
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
    return message .. "; instead: " .. CURES[name]
  elseif kind ~= "field" and kind ~= "method" then
    return message
  end
  for owner, field in gmatch(line_of(file, line), "%f[%w_]([%a_][%w_]*)%s*[.:]%s*([%w_]+)") do
    if field == name and lacks(owner, name) then
      local cure = CURES[owner .. "." .. name]
      cure = cure and "; instead: " .. cure or OUTSIDE[owner] and "; what lies outside of a spell is for bridges to reach" or ""
      return message .. ": " .. owner .. " has no '" .. name .. "'" .. names_of(core.provided[owner]) .. cure
    end
  end
  local habit = kind == "method" and METHODS[name]
  return habit and message .. "; instead: " .. habit or message
end

-- Returns what is there in place of a module that is not.
function missing.module(name)
  for _, each in ipairs(MODULES) do
    if find(name, each[1], 1, true) then
      return "; the global '" .. each[2] .. "' is there without require" .. (each[3] and ": " .. each[3] or "")
    end
  end
  return ""
end

return missing
