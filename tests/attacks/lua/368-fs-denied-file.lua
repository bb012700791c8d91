-- expect: denied | group: policy | holds: a denial wins under every name
for _, p in ipairs({ "/denied", "/sub/../denied", "/./denied", "//denied", "/up/open/denied" }) do
  if pcall(fs.read, params.open .. p) then return "ESCAPE " .. p end
end
return "ok"
