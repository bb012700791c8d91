-- expect: denied | group: policy | holds: patterns find nothing outside what was granted
for _, p in ipairs({ params.folder .. "/*", params.open .. "/../*", "/etc/*", params.open .. "/**", params.open .. "/**/secret", params.open .. "/up/*", params.open .. "/*/*" }) do
  local ok, names = pcall(fs.glob, p)
  for _, name in ipairs(ok and names or {}) do if name:find("secret", 1, true) then return "ESCAPE " .. name end end
end
return "ok"
