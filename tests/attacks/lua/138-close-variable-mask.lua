-- expect: limit | group: swallow | holds: a to-be-closed variable cannot replace the limit by an error of its own
while true do
  pcall(function()
    local x <close> = setmetatable({}, { __close = function() error("masked") end })
    while true do end
  end)
end
