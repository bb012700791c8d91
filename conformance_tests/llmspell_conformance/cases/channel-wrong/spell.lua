local ways = {
  nothing = function() channel.new(1):send() end, negative = function() channel.new(-1) end,
  text = function() channel.new("1") end, border = function() probe.echo(channel.new()) end,
}
ways[params.how]()
