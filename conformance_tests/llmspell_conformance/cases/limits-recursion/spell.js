function dive(n) { return 1 + dive(n + 1) }
if (!params.catch) return dive(0)
try { dive(0) } catch { return await probe.echo("caught") }
return "returned"
