-- expect: denied | group: policy | holds: a redirect to what was not granted is not followed
local ok, r = pcall(http.get, "http://127.0.0.1:" .. params.granted_port .. "/")
return ok and "ESCAPE " .. tostring(r.text) or "ok"
