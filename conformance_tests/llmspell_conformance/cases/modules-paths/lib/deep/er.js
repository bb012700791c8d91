module.exports = "deeper"
