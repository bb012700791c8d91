-- expect: denied | group: policy | holds: a thousand refusals cost no more than a thousand calls
for _ = 1, 1000 do if pcall(fs.read, params.secret) then return "ESCAPE" end end
return fs.read(params.open .. "/note") == "granted" and "ok"
