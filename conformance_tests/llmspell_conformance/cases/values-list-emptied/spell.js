const items = await probe.echo(params.x)
while (items.length > 0) items.pop()
return items
