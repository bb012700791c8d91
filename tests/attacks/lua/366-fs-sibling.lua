-- expect: denied | group: policy | holds: a folder whose name only begins like a granted one is not granted
if pcall(fs.read, params.open .. "-too/secret") or pcall(fs.list, params.open .. "-too") then return "ESCAPE" end
return "ok"
