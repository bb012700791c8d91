-- expect: denied | group: policy | holds: addresses of clouds and of the neighbourhood are refused
for _, host in ipairs({ "169.254.169.254", "10.0.0.1", "192.168.0.1", "172.16.0.1", "[fe80::1]", "[fd00::1]", "100.64.0.1", "metadata.google.internal", "224.0.0.1" }) do
  if pcall(http.get, "http://" .. host .. "/", { timeout = 0.2 }) then return "ESCAPE " .. host end
end
return "ok"
