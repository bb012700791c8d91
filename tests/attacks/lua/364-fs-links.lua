-- expect: denied | group: policy | holds: links of both kinds lead nowhere
for _, p in ipairs({ "/link", "/up/secret", "/up/open/link", "/up/open-too/secret", "/second-name", "/sub/../link" }) do
  if pcall(fs.read, params.open .. p) then return "ESCAPE " .. p end
end
return fs.read(params.open .. "/note") == "granted" and "ok" or "ESCAPE refused"
