-- expect: denied | group: escape | holds: no file, process, environment, clock-setting or exit function
local bad = {}
for _, n in ipairs({ "execute", "exit", "getenv", "remove", "rename", "tmpname", "setlocale" }) do
  if os and os[n] then bad[#bad + 1] = "os." .. n end
end
for _, n in ipairs({ "open", "popen", "lines", "tmpfile", "stdin" }) do
  if io and io[n] then bad[#bad + 1] = "io." .. n end
end
for _, n in ipairs({ "dofile", "loadfile", "newproxy", "module", "loadstring" }) do
  if _G[n] and n ~= "loadstring" then bad[#bad + 1] = n end
end
for _, n in ipairs({ "loadlib", "searchers", "loaders", "seeall" }) do
  if package and package[n] then bad[#bad + 1] = "package." .. n end
end
if #bad > 0 then return "ESCAPE " .. table.concat(bad, " ") end
return "ok"
