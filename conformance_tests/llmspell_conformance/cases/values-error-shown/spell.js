try { await probe.fail("odd", params.message) } catch (error) {
  return String(error).includes(params.message)
}
