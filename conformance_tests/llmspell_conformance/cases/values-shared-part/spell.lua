local part = params.x
return probe.echo({ part, part, { again = part } })
