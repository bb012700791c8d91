-- expect: denied | group: policy | holds: no spelling of a path leads out of a granted folder
for _, p in ipairs({ "/../secret", "/sub/../../secret", "//..//secret", "/./../secret", "/sub/./../../open-too/secret", "/../open/../secret", "/..", "/sub/../.." }) do
  if pcall(fs.read, params.open .. p) or pcall(fs.list, params.open .. p) then return "ESCAPE " .. p end
end
return "ok"
