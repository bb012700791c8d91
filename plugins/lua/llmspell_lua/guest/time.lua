-- The module `time`.
local core = ...

return {
  -- Returns Unix seconds by the event clock.
  now = function()
    return core.now
  end,
}
