local double = require("double")
return function(n) return double(n) + 1 end
