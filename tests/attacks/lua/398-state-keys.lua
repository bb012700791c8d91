-- expect: denied | group: policy | holds: keys of the state are names and no paths, and the run's own are gone with it
-- next: return state.get("k") == nil and state.get("../k") == nil
for _, k in ipairs({ "k", "../k", "/etc/passwd", "$", "a\0b", "__class__", ("k"):rep(10000), "%s", "'; drop table x" }) do
  state.set(k, k)
  if state.get(k) ~= k then return "ESCAPE " .. k end
end
return "ok"
