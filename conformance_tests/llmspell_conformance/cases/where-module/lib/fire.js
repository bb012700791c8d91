exports.explode = () => {
  const message = "boom"
  throw new Error(message)
}
