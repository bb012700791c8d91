return await probe.call(n => {
  if (n === 0) {
    return "none"
  }
  return n
}, params.n)
