-- expect: denied | group: escape | holds: walking what the host provides hands out nothing that can be written to
for _, view in ipairs({ string, table, math, coroutine, os, io, json, promise, probe }) do
  local ok, f, state = pcall(pairs, view)
  for _, t in ipairs(ok and { f, state } or {}) do
    if type(t) == "table" then pcall(rawset, t, "upper", function() return "H" end) pcall(rawset, t, "echo", function() return "H" end) end
  end
end
return ("x"):upper() == "X" and probe.echo(1) == 1 and "ok" or "ESCAPE"
