-- expect: denied | group: policy | holds: nothing outside what may be written is written, made or deleted
for _, p in ipairs({ params.secret, params.open .. "/note", params.open .. "/link", params.folder .. "/new", params.open .. "/sub/../new", params.open .. "/sub/../../new" }) do
  for _, f in ipairs({ fs.write, fs.append, fs.write_json, fs.mkdir, fs.delete }) do
    if pcall(f, p, "x") then return "ESCAPE " .. p end
  end
end
return "ok"
