for i = 1, params.count do
  promise.spawn(function() probe.collect(probe.echo(i)) end)
end
return "main"
