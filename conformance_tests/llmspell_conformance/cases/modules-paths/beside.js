module.exports = "beside"
