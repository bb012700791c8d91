promise.spawn(function()
  probe.echo(params.x)
  error("boom")
end)
return "main"
