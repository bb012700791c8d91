return { probe.echo(params.x), params.x }
