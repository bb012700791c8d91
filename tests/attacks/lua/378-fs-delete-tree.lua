-- expect: denied | group: policy | holds: deleting a folder that was not granted deletes nothing
for _, p in ipairs({ params.folder, params.open, params.open .. "/sub/..", params.open .. "/up" }) do
  if pcall(fs.delete, p, { recursive = true }) then return "ESCAPE " .. p end
end
return "ok"
