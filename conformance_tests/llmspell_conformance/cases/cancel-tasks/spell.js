async function work(n) { try { await probe.echo(n) } finally { console.log("still here") } }
work(1)
work(2)
