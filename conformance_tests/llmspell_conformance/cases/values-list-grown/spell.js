const items = await probe.echo(params.x)
items.push(params.y)
return items
