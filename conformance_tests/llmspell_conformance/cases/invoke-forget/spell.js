const run = () => "ran"
await probe.keep(run)
await probe.echo()
await probe.keep(run)
return "main"
