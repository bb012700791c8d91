-- expect: denied | group: escape | holds: require hands out no part of the guest and no native library
for _, n in ipairs({ "prelude", "sandbox", "tasks", "values", "limits", "bridges", "python", "lupa", "package.loadlib", "ffi", "jit", "jit.util", "_G.io", "string.buffer", "host" }) do
  local ok, v = pcall(require, n)
  if ok and v ~= nil then return "ESCAPE " .. n end
end
for _, n in ipairs({ "prelude", "sandbox", "python", "lupa", "ffi", "jit", "_G" }) do
  if package.loaded[n] ~= nil or package.preload[n] ~= nil then return "ESCAPE loaded " .. n end
end
return "ok"
