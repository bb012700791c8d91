-- expect: denied | group: escape | holds: require hands out no part of the guest and no native library
for _, n in ipairs({ "prelude", "sandbox", "tasks", "values", "limits", "bridges", "python", "lupa", "package", "ffi", "jit", "jit.util", "_G.io", "string.buffer", "host" }) do
  local ok, v = pcall(require, n)
  if ok and v ~= nil then return "ESCAPE " .. n end
end
return "ok"
