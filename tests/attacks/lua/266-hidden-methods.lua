-- expect: denied | group: border | holds: a bridge answers only what it exposes, whatever the name
for _, n in ipairs({ "hidden", "secret", "_kept", "__class__", "__init__", "__dict__", "__getattribute__", "__reduce_ex__", "close", "name", "context", "constructor",
  "echo.__globals__", "echo\0", "../hidden", "hidden ", " hidden", "Hidden", "hidden()", "", "0", "_ProbeBridge__x", "mro", "call_soon", "__call__" }) do
  local ok, v = pcall(function() return probe[n]() end)
  if ok then return "ESCAPE " .. n .. tostring(v) end
end
return "ok"
