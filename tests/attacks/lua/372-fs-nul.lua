-- expect: denied | group: policy | holds: NUL in a path cuts nothing off
for _, p in ipairs({ params.secret .. "\0", params.open .. "/note\0/../../secret", "\0" .. params.secret, params.open .. "\0" }) do
  if pcall(fs.read, p) then return "ESCAPE" end
end
return "ok"
