local a, b = channel.new(2), channel.new(2)
local ok, found, more = pcall(require("ways")[params.how], a, b)
if not ok then return list {found.kind} end
local value = found.value == nil and "nothing" or found.value
return list {found.channel == a and "a" or "b", value, found.closed, more}
