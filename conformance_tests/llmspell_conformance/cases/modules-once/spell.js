const first = require("tally"), second = require("tally")
return [first.count(), second.count()]
