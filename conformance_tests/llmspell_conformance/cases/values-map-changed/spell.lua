local map = probe.echo(params.x)
map.a, map.b = nil, 2
return map
