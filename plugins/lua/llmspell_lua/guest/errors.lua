-- Where errors come from, and how they leave the VM.
local core = ...
local getinfo, metaof, running = debug.getinfo, debug.getmetatable, coroutine.running
local setmetatable, load, string = setmetatable, load, string
local type, error, pcall, rawget, tostring, next, tonumber = type, error, pcall, rawget, tostring, next, tonumber
local sub, match, find, gsub, byte, format = string.sub, string.match, string.find, string.gsub, string.byte, string.format
local concat, floor, mtype = table.concat, math.floor, math.type
local FRAMES = 30
local DEEPEST = 1000 -- calls that are looked at: the VM walks to each from the top
local errors = {}

-- Error values -----------------------------------------------------------------------------------------------------

local function message_of(e)
  local message = rawget(e, "message")
  return type(message) == "string" and message or "error"
end

local ERROR = {
  __metatable = "error",
  __tostring = message_of,
  __concat = function(a, b)
    return core.tostring(a) .. core.tostring(b)
  end,
}
errors.ERROR = ERROR

-- Whoever takes an error for its text finds the methods of texts: `e:match("...")` looks into the message.
function ERROR.__index(_, name)
  local method = string[name]
  return method and function(e, ...)
    return method(core.tostring(e), ...)
  end
end

core.special[ERROR] = function(e, depth)
  core.writer.put_error_value(e, depth)
end

function errors.value(fields)
  return setmetatable(fields, ERROR)
end


-- Places -----------------------------------------------------------------------------------------------------------

-- Tells the spell's own frames: the prelude is stripped and its source unknown.
local function own(frame)
  return frame.source ~= "=?" and frame.source ~= "=[C]"
end

-- LuaJIT does not know the line of the innermost frame of an ended coroutine.
local function line_of(frame)
  return frame.currentline > 0 and floor(frame.currentline) or nil
end

local function file_of(frame)
  return byte(frame.source) == 64 and sub(frame.source, 2) or frame.short_src
end

local function frame_at(co, level, what)
  if co then
    return getinfo(co, level, what)
  end
  return getinfo(level + 2, what)
end

local function replaced(co)
  local body = core.bodies[co or running()]
  if body then
    return core.tailcalls(body)
  end
end

-- Returns the file and line of the innermost frame of the spell: of a coroutine, or of the caller's stack.
local function where(co)
  for level = 0, DEEPEST do
    local frame = frame_at(co, level, "Sl")
    if not frame then
      break
    elseif own(frame) then
      return file_of(frame), line_of(frame)
    end
  end
  return replaced(co)
end
errors.where = where

local function frame_text(frame)
  local line = line_of(frame)
  local place = file_of(frame) .. (line and ":" .. line or "") .. ": in "
  if frame.what == "main" then
    return place .. "main chunk"
  elseif frame.name then
    return place .. "function '" .. frame.name .. "'"
  end
  return place .. "function <" .. file_of(frame) .. ":" .. floor(frame.linedefined) .. ">"
end

-- Returns the spell's frames as text, innermost first.
local function traceback(co)
  local lines = {}
  for level = 0, DEEPEST do
    local frame = frame_at(co, level, "Sln")
    if not frame or #lines > FRAMES then
      break
    elseif own(frame) then
      lines[#lines + 1] = #lines < FRAMES and frame_text(frame) or "..."
    end
  end
  if #lines == 0 then
    local file, line = replaced(co)
    lines[1] = file and file .. (line and ":" .. line or "") .. ": in a tail call"
  end
  return concat(lines, "\n")
end
errors.traceback = traceback

function errors.raise(kind, message, data)
  local file, line = where()
  error(errors.value({ kind = kind, message = message, data = data, file = file, line = line, traceback = traceback() }), 0)
end

-- Raises an error value at the spell's own call, where it is known no better.
function errors.raise_here(e)
  if not rawget(e, "file") then
    e.file, e.line = where()
  end
  e.traceback = rawget(e, "traceback") or traceback()
  error(e, 0)
end

-- What is raised -------------------------------------------------------------------------------------------------

local kept_value, kept_trace

-- Keeps the frames of an error that is caught and raised again; a message handler for xpcall.
function errors.keep_trace(value)
  kept_value, kept_trace = value, traceback()
  return value
end

-- Makes an error value of the fields that the host sent.
function errors.read(fields)
  if type(fields.cause) == "table" and metaof(fields.cause) ~= ERROR then
    errors.read(fields.cause)
  end
  for name, value in next, fields do
    if value == core.NULL then
      fields[name] = nil
    end
  end
  return errors.value(fields)
end

-- Files of the spell by the names that errors begin with.
local short_files = {}
for file in next, core.files do
  short_files[getinfo(load("", "@" .. file), "S").short_src] = file
end

-- Splits "file:line: message" where the file is the spell's.
local function split(text)
  text = gsub(text, "^%?:%-?%d+: ", "") -- what LuaJIT says of stripped code
  for short, file in next, short_files do
    if sub(text, 1, #short + 1) == short .. ":" then
      local line, message = match(text, "^(%d+): (.*)$", #short + 2)
      if line then
        return message, file, tonumber(line)
      end
    end
  end
  return text
end

-- Returns the error value of a limit, where that is what was raised.
function errors.limit(value)
  local struck = core.struck or core.limit_of(value)
  if not struck then
    return nil
  end
  core.struck = struck
  local file, line = struck.file, struck.line
  if struck.text then
    local _
    _, file, line = split(struck.text)
  end
  return errors.value({
    kind = "limit",
    message = format("limit %s of %.14g was reached", struck.limit, struck.allowed),
    data = { limit = struck.limit, allowed = struck.allowed, used = struck.used },
    file = file,
    line = line,
  })
end

-- Calls what may run code of the spell's, or find no room: that ends the run, whatever it was called for.
local function try(f, value)
  local ok, result = pcall(f, value)
  if not ok then
    core.struck = core.struck or core.limit_of(result) or false
  end
  return ok, result
end

-- Returns a value that may leave the VM, and nothing in place of any other.
local function crossing(value)
  if try(core.write, value) then
    return value
  end
end

local function shown(value)
  if value == nil then
    return "<no error object>" -- as Lua 5.5 says
  end
  local ok, text = try(core.tostring, value)
  return ok and type(text) == "string" and text or "an error that cannot be shown"
end

-- Returns what the VM says of a nil, with what is known of the library that it was looked for in.
local function told(message, file, line)
  if not (line and (find(message, "nil value", 1, true) or find(message, "for iterator", 1, true))) then
    return message
  end
  local ok, text = try(function()
    return core.missing.told(message, file, line)
  end)
  return ok and text or message
end

local function fields_of(value)
  if type(value) == "string" then
    local message, file, line = split(value)
    return { message = told(message, file, line), file = file, line = line }
  elseif type(value) ~= "table" or type(rawget(value, "message")) ~= "string" then
    return { message = shown(value), data = crossing(value) }
  end
  local fields = { message = rawget(value, "message"), data = rawget(value, "data"), cause = rawget(value, "cause") }
  for _, name in next, { "kind", "file", "traceback" } do
    fields[name] = type(rawget(value, name)) == "string" and rawget(value, name) or nil
  end
  fields.line = mtype(rawget(value, "line")) == "integer" and rawget(value, "line") or nil
  return fields
end

local function cause_of(value, depth)
  if value == nil or depth == 0 then
    return nil
  end
  local fields = fields_of(value)
  fields.kind = fields.kind or "runtime"
  fields.cause = cause_of(fields.cause, depth - 1)
  return errors.value(fields)
end

-- Returns whatever was raised as an error value.
function errors.as_value(value)
  if type(value) == "table" and metaof(value) == ERROR then
    return value
  end
  local fields = fields_of(value)
  fields.kind = fields.kind or "runtime"
  local kept = value ~= nil and rawequal(value, kept_value) and kept_trace
  fields.traceback = fields.traceback or kept or nil
  return errors.value(fields)
end

-- Returns whatever was raised as the text of an error of the wire, and whether it is a limit's.
-- `co` is the coroutine it ended, where there is one.
function errors.describe(value, co)
  local fields = fields_of(value)
  fields.kind = fields.kind or "runtime"
  fields.cause = cause_of(fields.cause, 8)
  fields.data = crossing(fields.data)
  -- Asked last, because showing the value may itself strike a limit.
  local limit = errors.limit(value)
  local e = limit or errors.value(fields)
  if co and not rawget(e, "file") then
    e.file, e.line = where(co)
  end
  local kept = value ~= nil and rawequal(value, kept_value) and kept_trace
  e.traceback = rawget(e, "traceback") or kept or (co and traceback(co)) or nil
  local ok, text = pcall(core.writer.write_error, e)
  if ok then
    return text, limit ~= nil
  end
  e.cause = nil
  return core.writer.write_error(e), limit ~= nil
end

return errors
