local first, second = require("tally"), require("tally")
return { first.count(), second.count() }
