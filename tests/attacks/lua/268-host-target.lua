-- expect: denied | group: border | holds: no spelling reaches the host's own verbs or another bridge's methods
for _, n in ipairs({ "host", "Host", "1", "probe.echo", "os", "llm" }) do
  local found = _G[n]
  if type(found) == "table" and n ~= "os" and n ~= "llm" then return "ESCAPE " .. n end
end
return pcall(function() return probe["host.print"]("x") end) and "ESCAPE" or "ok"
