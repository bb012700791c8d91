return await probe.call(async (x) => [await probe.echo(x), await probe.echo(x)], params.x)
