return [await probe.echo(params.x), params.x]
