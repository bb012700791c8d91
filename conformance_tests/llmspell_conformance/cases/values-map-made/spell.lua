local made = {}
for _, key in ipairs(params.keys) do made[key] = 1 end
return probe.echo(made)
