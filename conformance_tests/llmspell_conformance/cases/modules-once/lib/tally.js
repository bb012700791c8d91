console.log("loaded")
let n = 0
exports.count = () => ++n
