async function nap(seconds) { await sleep(seconds); await probe.collect(seconds) }
nap(60)
nap(0.5)
return "main"
