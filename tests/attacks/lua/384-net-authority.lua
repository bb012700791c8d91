-- expect: denied | group: policy | holds: users, fragments and backslashes do not hide where a request goes
local granted, other = "127.0.0.1:" .. params.granted_port, "127.0.0.1:" .. params.port
for _, url in ipairs({ "http://" .. granted .. "@" .. other .. "/", "http://" .. other .. "\\@" .. granted .. "/", "http://" .. other .. "#@" .. granted, "http://" .. granted .. ":80@" .. other,
  "http:/" .. other, "http:///" .. other .. "/", "//" .. other, "http://" .. other .. "/\r\nHost: " .. granted, "http://" .. granted .. "\t@" .. other }) do
  local ok, r = pcall(http.get, url, { timeout = 1 })
  if ok then return "ESCAPE " .. url end
end
return "ok"
