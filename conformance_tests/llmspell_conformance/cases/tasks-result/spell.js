const task = (async (x) => await probe.echo(x))(params.x)
return [await task, await task]
