-- expect: denied | group: border | holds: a bridge and the guest's own things do not cross
for _, v in ipairs({ probe, string, _G, promise, (coroutine.running()) }) do
  if pcall(probe.echo, { v }) then return "ESCAPE " .. tostring(v) end
end
return "ok"
