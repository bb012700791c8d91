if (params.call) await probe.echo()
await new Promise(() => {})
