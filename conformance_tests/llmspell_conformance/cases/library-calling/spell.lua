local seen, out = list {}, list {}
require("ways")[params.how](function(x) seen[#seen + 1] = x return x end, function(x) out[#out + 1] = x end)
if #seen > 0 then table.insert(out, 1, seen) end
return out
