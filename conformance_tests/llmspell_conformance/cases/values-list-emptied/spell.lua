local items = probe.echo(params.x)
while #items > 0 do table.remove(items) end
return items
