print("b")
const a = require("a")
module.exports = { name: "b", other: () => a.name }
