(async () => { await probe.echo(await probe.echo(1)) })()
return "main"
