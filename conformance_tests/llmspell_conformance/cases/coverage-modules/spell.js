const double = require("sums")
return double(params.n)
