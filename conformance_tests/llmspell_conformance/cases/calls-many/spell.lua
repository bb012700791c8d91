local sum = 0
for i = 1, params.count do sum = sum + probe.echo(i) end
return sum
