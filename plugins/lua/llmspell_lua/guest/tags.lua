-- What JSON has no form for, read: the tags of docs/protocol.md#wire.
local core = ...
local next, tonumber = next, tonumber

local TAGS = {
  bytes = function(tag)
    return core.bytes.make(core.base64.decode(tag[2]))
  end,
  float = function(tag)
    local name = tag[2]
    return name == "nan" and 0 / 0 or name == "inf" and 1 / 0 or name == "-inf" and -1 / 0 or tonumber(name) + 0.0
  end,
  int = function(tag)
    if core.doubles then
      core.unreadable = "the integer " .. tag[2] .. " is beyond what LuaJIT keeps exactly; pass it as text"
      return core.NULL
    end
    return tonumber(tag[2])
  end,
  handle = function(tag)
    return core.handles.get(tag[2], tag[3], tag[4])
  end,
  error = function(tag)
    return core.errors.read(tag[2])
  end,
  map = function(tag)
    local map = {}
    for _, pair in next, tag[2] do
      map[pair[1]] = pair[2]
    end
    return map
  end,
}
TAGS["function"] = function(tag)
  return core.functions.by_id[tag[2]]
end

return TAGS
