const ch = channel.new()
const way = params.how
await probe.echo()
if (way === "promise") await new Promise(() => {})
if (way === "receive") await ch.receive()
if (way === "send") await ch.send(1)
if (way === "select") await channel.select([ch])
if (way === "token") await promise.token().watch(new Promise(() => {}))
