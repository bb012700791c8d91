local p = require("ways")[params.how]()
local ok, x = pcall(promise.await, p)
if type(x) == "table" then x = x.and_then end
return list { ok and "value" or "error", x }
