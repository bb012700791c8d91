const ways = {
  nothing: () => channel.new(1).send(), negative: () => channel.new(-1),
  text: () => channel.new("1"), border: () => probe.echo(channel.new()),
}
await ways[params.how]()
