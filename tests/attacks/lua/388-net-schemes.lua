-- expect: denied | group: policy | holds: other schemes than those of the web are refused
for _, url in ipairs({ "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:text/plain,x", "unix:///tmp/x", "javascript:1", "http+unix://x", "", "x", "://", "http://" }) do
  if pcall(http.get, url) then return "ESCAPE " .. url end
end
return "ok"
