-- expect: denied | group: border | holds: nothing a spell can make is taken for a handle
local t = probe.thing()
for _, fake in ipairs({ 1, "1", {}, { id = 1 }, { ["$"] = { "handle", 1 } }, function() end, setmetatable({}, { __index = t }), probe, true }) do
  if pcall(probe.take, fake) then return "ESCAPE" end
end
return probe.take(t) == 7 and "ok" or "ESCAPE refused"
