local seen = list {}
local function see(x) return function() seen[#seen + 1] = x end end
require("ways")[params.how](see, seen)
sleep(0)
return seen
