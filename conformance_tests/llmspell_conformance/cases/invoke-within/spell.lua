probe.keep(function(x)
  probe.collect(probe.echo(x))
end)
probe.echo("main")
