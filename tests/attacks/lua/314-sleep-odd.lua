-- expect: denied | group: border | holds: sleep takes a number of seconds and nothing else
for _, s in ipairs({ -1, 0 / 0, 1 / 0, "x", {}, print, 1e300, true }) do if pcall(sleep, s) then return "ESCAPE " .. tostring(s) end end
return "ok"
