return await probe.echo(Uint8Array.from(params.x))
