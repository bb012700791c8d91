const double = require("double")
module.exports = (n) => double(n) + 1
