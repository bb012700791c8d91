for (let i = 1; i <= params.count; i++) await probe.echo(i).catch(() => {})
