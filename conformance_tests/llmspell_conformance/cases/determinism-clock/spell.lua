local first = time.now()
for _ = 1, 10000 do end
probe.echo(first, time.now())
return time.now()
