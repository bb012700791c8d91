local name = params.name
local found = require(name)
return found
