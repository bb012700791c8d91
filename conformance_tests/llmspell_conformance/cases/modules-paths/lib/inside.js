module.exports = "in lib"
