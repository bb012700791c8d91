local wrap = require("wrap")
return wrap(params.x)
