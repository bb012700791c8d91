for (let i = 1; i <= params.count; i++) {
  try { console.log("ten bytes.") } catch {}
  try { await probe.echo() } catch {}
}
return params.count
