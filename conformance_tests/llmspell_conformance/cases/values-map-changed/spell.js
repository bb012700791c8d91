const map = await probe.echo(params.x)
delete map.a
map.b = 2
return map
