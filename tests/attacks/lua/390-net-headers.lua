-- expect: denied | group: policy | holds: line ends in headers and methods are refused before anything is sent
local url = "http://127.0.0.1:" .. params.granted_port .. "/"
for _, o in ipairs({ { headers = { x = "1\r\nHost: y" } }, { headers = { ["x\r\ny"] = "1" } }, { method = "GET / HTTP/1.1\r\nx:" }, { headers = { x = "\0" } } }) do
  o.url = url
  if pcall(http.request, o) then return "ESCAPE" end
end
return "ok"
