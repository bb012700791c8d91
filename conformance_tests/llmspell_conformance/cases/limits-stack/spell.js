function dive(n) { return n === 0 ? 1 : 1 + dive(n - 1) }
function levels(n) { try { return 1 + levels(n + 1) } catch { return levels(n) } finally { n++ } }
const ways = {
  dive: () => dive(-1), few: () => dive(50), caught() { try { dive(-1) } catch {} }, levels: () => levels(0),
  task: () => (async () => dive(-1))().catch(() => null),
  callback: () => probe.call(() => dive(-1)).catch(() => null),
}
const value = await ways[params.how]()
await probe.echo()
return value
