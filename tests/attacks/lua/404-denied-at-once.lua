-- expect: denied | group: policy | holds: a thousand denied calls at once are all denied
local open = 0
local all = {}
for i = 1, 1000 do all[i] = promise.spawn(function() if pcall(fs.read, params.secret) then open = open + 1 end end) end
promise.all(all):await()
return open == 0 and "ok" or "ESCAPE"
