-- expect: denied | group: memory | holds: the collector takes no orders beyond its duty
for _, what in ipairs({ "stop", "restart", "setpause", "setstepmul", "incremental", "generational", "isrunning", "x" }) do
  if pcall(collectgarbage, what, 0) then return "ESCAPE " .. what end
end
return "ok"
