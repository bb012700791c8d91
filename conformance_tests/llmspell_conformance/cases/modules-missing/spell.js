const { name } = params
const found = require(name)
return found
