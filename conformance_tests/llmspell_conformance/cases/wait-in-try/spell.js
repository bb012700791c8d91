let got
try { got = await probe.echo(params.x) } finally { await probe.echo("after") }
return [got, "after"]
