-- The `debug` of a spell.
local core = ...
local type, traceback = type, core.errors.traceback

return {
  getmetatable = core.globals.getmetatable,
  traceback = function(message)
    if type(message) ~= "string" and message ~= nil then
      return message
    end
    return (message and message .. "\n" or "") .. "stack traceback:\n" .. traceback()
  end,
}
