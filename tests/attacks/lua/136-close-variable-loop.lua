-- expect: limit | group: swallow | holds: a to-be-closed variable cannot run on for ever
pcall(function()
  local x <close> = setmetatable({}, { __close = function() while true do end end })
  error("x")
end)
return "ESCAPE"
