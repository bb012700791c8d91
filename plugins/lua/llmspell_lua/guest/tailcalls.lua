-- Where a task is whose only frame a tail call (`return llm.chat(...)`) has replaced.
local core = ...
local getinfo, find, gmatch, sub, byte = debug.getinfo, string.find, string.gmatch, string.sub, string.byte

local NO_CALL = { ["nil"] = true, ["true"] = true, ["false"] = true, ["not"] = true, ["function"] = true }

local function may_be_tail_call(line)
  for word, rest in gmatch(line, "%f[%w_]return%s+([%a_][%w_]*)([^\n]*)") do
    if not NO_CALL[word] and find(rest, "[(\"'{%[]") then
      return true
    end
  end
  return false
end

-- Returns the file of a task's function, and the line where only one tail call can be meant.
return function(f)
  local info = getinfo(f, "SL")
  local file = byte(info.source) == 64 and sub(info.source, 2)
  if not core.files[file] then
    return nil
  end
  local number, found, count = 0, nil, 0
  for line in gmatch(core.files[file] .. "\n", "([^\n]*)\n") do
    number = number + 1
    if info.activelines[number] and may_be_tail_call(line) then
      found, count = number, count + 1
    end
  end
  return file, count == 1 and found or nil
end
