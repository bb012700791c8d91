local later = function(n)
  probe.echo(n)
  if n > 1 then
    return probe.echo(
      n)
  end
  return 0
end
local task = promise.spawn(later, params.n)
return promise.await(task)
