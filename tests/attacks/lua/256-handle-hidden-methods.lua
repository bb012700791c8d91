-- expect: denied | group: border | holds: a handle answers only what it exposes
local t = probe.thing()
for _, n in ipairs({ "secret", "closed", "close", "__class__", "__init__", "__dict__", "_number", "__getattribute__", "__reduce__", "iterable", "constructor" }) do
  local ok, v = pcall(function() return t[n](t) end)
  if ok then return "ESCAPE " .. n .. tostring(v) end
end
return t.number() == 7 and "ok" or "ESCAPE"
