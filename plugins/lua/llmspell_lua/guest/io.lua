-- The `io` of a spell: output alone.
local core = ...
local type, rawequal, error, setmetatable, concat = type, rawequal, error, setmetatable, table.concat
local io = core.provided.io

local function put(level, texts)
  for i = 1, #texts do
    if type(texts[i]) ~= "string" and type(texts[i]) ~= "number" then
      error("io.write takes strings and numbers, not a " .. type(texts[i]), 3)
    end
    texts[i] = core.tostring(texts[i])
  end
  core.print_text(concat(texts), level)
end

local function write(first, ...)
  put("info", rawequal(first, io) and { ... } or { first, ... })
  return io
end

-- Returns what stands for a stream that programs write to; what is written is told at once.
local function stream(name, level)
  local file, made = {}, nil
  function file.write(first, ...)
    put(level, rawequal(first, made) and { ... } or { first, ... })
    return made
  end
  function file.flush()
    return made
  end
  function file.setvbuf()
    return true
  end
  made = setmetatable({}, {
    __index = file,
    __newindex = core.refuse_writing,
    __metatable = false,
    __name = "FILE*",
    __tostring = function()
      return "file (" .. name .. ")"
    end,
  })
  core.locked[made] = "io." .. name
  return made
end

local stdout, stderr = stream("stdout", "info"), stream("stderr", "error")

return {
  write = write,
  stdout = stdout,
  stderr = stderr,
  flush = function()
    return io
  end,
  type = function(value)
    return (rawequal(value, stdout) or rawequal(value, stderr)) and "file" or nil
  end,
}
