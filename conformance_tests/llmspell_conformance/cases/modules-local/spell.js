const words = require("words")
return words.shout(params.x)
