-- expect: denied | group: policy | holds: a server that was not granted is not connected to
local ok, r = pcall(http.get, "http://127.0.0.1:" .. params.port .. "/")
return ok and "ESCAPE " .. tostring(r.text) or "ok"
