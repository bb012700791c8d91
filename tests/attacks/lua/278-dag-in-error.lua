-- expect: denied | group: border | holds: an error's data that unfolds to 2^40 nodes ends the run, and no more
local t = { 1 }
for _ = 1, 40 do t = { t, t } end
error({ message = "x", data = t })
