const first = time.now()
for (let i = 0; i < 10000; i++);
await probe.echo(first, time.now())
return time.now()
