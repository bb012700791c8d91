do {
  try { await probe.never() } catch {} finally { await probe.never() }
} while (params.again)
return "went on"
