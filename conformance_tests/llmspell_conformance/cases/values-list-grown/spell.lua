local items = probe.echo(params.x)
table.insert(items, params.y)
return items
