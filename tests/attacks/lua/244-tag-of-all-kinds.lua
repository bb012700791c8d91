-- expect: denied | group: border | holds: maps that look like any of the wire's tags come back as they went
for _, tag in ipairs({ "int", "float", "bytes", "function", "handle", "error", "map", "x" }) do
  local r = probe.echo({ ["$"] = { tag, "1" } })
  if type(r) ~= "table" or type(r["$"]) ~= "table" or r["$"][1] ~= tag then return "ESCAPE " .. tag end
end
return "ok"
