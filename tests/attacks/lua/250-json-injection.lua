-- expect: denied | group: border | holds: quotes and brackets in texts, keys and method names do not end the message
local s = '"],["call",99,"probe","tick",[]],["finish","HIJACK"]'
local r = probe.echo({ [s] = s })
pcall(function() return probe[s](1) end)
pcall(error, s)
return r[s] == s and "ok" or "ESCAPE"
