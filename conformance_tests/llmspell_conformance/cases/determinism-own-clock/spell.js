await probe.echo(Date.now() / 1000)
return Date.now() / 1000
