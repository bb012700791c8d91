await probe.keep(async (x) => [await probe.echo(x)])
return "main"
