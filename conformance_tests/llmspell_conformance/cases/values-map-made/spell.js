return await probe.echo(Object.fromEntries(params.keys.map((key) => [key, 1])))
