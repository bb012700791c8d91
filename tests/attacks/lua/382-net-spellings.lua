-- expect: denied | group: policy | holds: no spelling of an address reaches it
for _, host in ipairs({ "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0", "0.0.0.0", "127.0.0.1.", "LOCALHOST", "127.0.0.1%00", "127。0。0。1" }) do
  if pcall(http.get, "http://" .. host .. ":" .. params.port .. "/", { timeout = 1 }) then return "ESCAPE " .. host end
end
return "ok"
