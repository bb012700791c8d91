print("a")
exports.name = "a"
exports.names = () => ["a", require("b").name, require("b").other()]
