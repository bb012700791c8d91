-- Bytes are opaque; in LuaJIT only userdata can have a length.
local core = ...
local type, error, next, setmetatable = type, error, next, setmetatable
local contents = core.contents

local BYTES = {
  __metatable = false,
  __len = function(b)
    return #contents[b]
  end,
  __tostring = function(b)
    return contents[b]
  end,
  __eq = function(a, b)
    return contents[a] ~= nil and contents[a] == contents[b]
  end,
  __newindex = function()
    error("bytes cannot be changed; make new ones with bytes(text)", 2)
  end,
}
core.special[BYTES] = function(b)
  core.writer.emit(core.text.bytes_text(contents[b]))
end

local prototype = newproxy and newproxy(true)
if prototype then
  for name, method in next, BYTES do
    debug.getmetatable(prototype)[name] = method
  end
end

return {
  make = function(text)
    if contents[text] then
      return text
    elseif type(text) ~= "string" then
      error("bytes takes a string, not a " .. type(text), 2)
    end
    local made = prototype and newproxy(prototype) or setmetatable({}, BYTES)
    contents[made] = text
    if not prototype then
      core.locked[made] = "a bytes value"
    end
    return made
  end,
}
