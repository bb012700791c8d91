print("b")
local a = require("a")
return { name = "b", other = function() return a.name end }
