local seen = list {}
local ok, x = pcall(require("ways")[params.how], function(x) seen[#seen + 1] = x == nil and null or x end)
if not ok then seen[#seen + 1] = x.kind .. ": " .. x.message else seen[#seen + 1] = x end
return seen
