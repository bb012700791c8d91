-- The `io` of a spell: output alone.
local core = ...
local type, rawequal, error, concat = type, rawequal, error, table.concat
local io = core.provided.io

local function write(first, ...)
  local texts = rawequal(first, io) and { ... } or { first, ... }
  for i = 1, #texts do
    if type(texts[i]) ~= "string" and type(texts[i]) ~= "number" then
      error("io.write takes strings and numbers, not a " .. type(texts[i]), 2)
    end
    texts[i] = core.tostring(texts[i])
  end
  core.print_text(concat(texts))
  return io
end

return { write = write }
