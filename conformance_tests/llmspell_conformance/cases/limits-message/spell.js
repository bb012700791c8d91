const text = "a".repeat(params.size)
return (await probe.echo(text)).length
