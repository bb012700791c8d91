try {
  return await probe.powerOfTwo(params.bits)
} catch (error) {
  return error.kind
}
