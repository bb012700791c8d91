const double = n => {
  if (n > 0) {
    return 2 * n
  }
  return 0
}
module.exports = double
