-- expect: denied | group: policy | holds: a file that was not granted is not read, listed, asked for or told of
for _, f in ipairs({ fs.read, fs.exists, fs.stat, fs.read_json }) do
  local ok, v = pcall(f, params.secret)
  if ok then return "ESCAPE " .. tostring(v) end
end
return "ok"
