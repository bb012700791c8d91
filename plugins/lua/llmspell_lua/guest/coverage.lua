-- Which lines of the spell's files run: each is told once, at the end of the step in which it first does.
local core = ...
local getinfo, sub, gsub, concat, pcall = debug.getinfo, string.sub, string.gsub, table.concat, pcall
local ceil = math.ceil
local take = core.take_requests

local by_function = setmetatable({}, core.WEAK) -- false for what is no part of a file
local by_source = {}
local untold = {} -- the files that have new lines

-- Returns what has run of a file, by line; false for anything else. A spell may give made code the name of a file.
local function lines_of(source)
  local text = sub(source, 1, 1) == "@" and core.files[sub(source, 2)]
  if not text then
    return false
  end
  local _, breaks = gsub(text, "[\r\n]", "")
  return { file = sub(source, 2), last = breaks + 1, new = {} }
end

local function look_up(f)
  local source = getinfo(f, "S").source
  if by_source[source] == nil then
    by_source[source] = lines_of(source)
  end
  by_function[f] = by_source[source]
  return by_function[f]
end

local function note(lines, line)
  local new = lines.new
  if #new == 0 then
    untold[#untold + 1] = lines
  end
  new[#new + 1] = line
  lines[line] = true
end

-- Returns a hook for lines, which calls `on_count` each so many times: whatever loops or calls comes to a line. A hook
-- for both would not do, as Lua counts a hook's own instructions with the spell's and misses whatever is due meanwhile.
local function line_hook(on_count, every)
  local left = every
  return function(_, line)
    local f = getinfo(2, "f").func
    local lines = by_function[f]
    if lines == nil then
      lines = look_up(f)
    end
    if lines and not lines[line] and line <= lines.last then
      note(lines, line)
    end
    left = left - 1
    if left == 0 then
      left = every
      return on_count() -- a tail call: it looks at who is above this
    end
  end
end

local LINE = 4 -- instructions that a line counts for

-- Returns, in the place of the hooks that count instructions, those for lines, and what they are set with.
function core.with_lines(on_driver_count, on_count, stride)
  local every = ceil(stride / LINE)
  return line_hook(on_driver_count, every), line_hook(on_count, every), "l", 0
end

local function tell(requests)
  local told = {}
  for i = 1, #untold do
    local lines = untold[i]
    told[i] = '["ran",' .. core.write(lines.file) .. ",[" .. concat(lines.new, ",") .. "]]"
  end
  if requests ~= "" then
    told[#told + 1] = requests
  end
  local text = concat(told, ",")
  for i = #untold, 1, -1 do
    untold[i].new, untold[i] = {}, nil
  end
  return text
end

function core.take_requests()
  local requests = take()
  local ok, text = pcall(tell, requests)
  return ok and text or requests -- where there is no memory for it, lines have to wait
end
