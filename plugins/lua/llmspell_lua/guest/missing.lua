-- Tells what a library of Lua's has here, where a spell used what it has not.
local core = ...
local pcall, pairs, rawequal, concat, sort = pcall, core.pairs, rawequal, table.concat, table.sort
local match, gmatch = string.match, string.gmatch
local MOST = 12 -- names that are worth listing
local OUTSIDE = { io = true, os = true }

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

-- Returns the message of an error of the VM's, with what is known of the library whose field was nil.
return function(message, file, line)
  local name = match(message, "%((%a+ '[%w_]+')%)$") or match(message, "(%a+ '[%w_]+') %(a nil value%)$")
  name = name and match(name, "^field '(.*)'$") or name and match(name, "^method '(.*)'$")
  if not name then
    return message
  end
  for owner, field in gmatch(line_of(file, line), "([%a_][%w_]*)%s*[.:]%s*([%w_]+)") do
    if field == name and lacks(owner, name) then
      local cure = OUTSIDE[owner] and "; what lies outside of a spell is for bridges to reach" or ""
      return message .. ": " .. owner .. " has no '" .. name .. "'" .. names_of(core.provided[owner]) .. cure
    end
  end
  return message
end
