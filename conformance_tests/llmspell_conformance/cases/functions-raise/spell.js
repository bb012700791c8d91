try {
  await probe.call(() => { throw params.error })
} catch (e) { return [e.kind, e.message, e.data] }
