-- expect: denied | group: border | holds: a chain of causes without end, and one that is a ring, end the run with an error
local e = { message = "x" }
local first = e
for _ = 1, 10000 do e = { message = "x", cause = e } end
first.cause = e
error(e)
