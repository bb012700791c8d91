-- The kinds of script values that Lua has no form for, and what the host provides: all of it read-only.
local core = ...
local setmetatable, type, error, metaof = setmetatable, type, error, debug.getmetatable

core.WEAK = { __mode = "k" }

-- What the host provides cannot be written to: `locked` names it.
local locked = setmetatable({}, core.WEAK)
core.locked = locked

function core.refuse_writing(proxy)
  error(locked[proxy] .. " is read-only; keep your own values in a table of your own", 2)
end

-- How values with metatables of ours are written, and why some cannot be, by metatable.
core.special, core.uncrossable = {}, {}

local NULL_META = {
  __name = "null", -- what the VM calls it in errors
  __newindex = core.refuse_writing,
  __metatable = false,
  __tostring = function()
    return "null"
  end,
}
core.NULL = setmetatable({}, NULL_META)
locked[core.NULL] = "null"
core.special[NULL_META] = function()
  core.writer.emit("null")
end

core.LIST = { __metatable = false }

function core.list(items)
  if items == nil then
    items = {}
  elseif type(items) ~= "table" then
    error("list takes a table, not a " .. type(items), 2)
  end
  if metaof(items) == core.LIST then
    return items
  end
  return setmetatable(items, core.LIST)
end

core.contents = setmetatable({}, core.WEAK) -- of bytes
