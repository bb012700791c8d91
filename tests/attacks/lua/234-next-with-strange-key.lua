-- expect: harmless | group: tamper | holds: next with a key that is not there raises, and changes under a walk do no harm
local t = {}
for i = 1, 1000 do t[i] = i end
for k in next, t do t[k] = nil t[-k] = k if k == 10 then break end end
return not pcall(next, {}, "x") and "ok"
