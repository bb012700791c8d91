-- expect: denied | group: policy | holds: a bridge that was not mounted is not to be had by any name
for _, n in ipairs({ "llm", "agent", "mcp", "run", "subprocess", "llmspell_bridges.llm", "os.system", "sys" }) do
  local ok, v = pcall(function() return (_G[n] or require(n)).chat("x") end)
  if ok then return "ESCAPE " .. n end
end
return "ok"
