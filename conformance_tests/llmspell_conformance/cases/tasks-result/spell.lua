local task = promise.spawn(function(x) return probe.echo(x) end, params.x)
return { promise.await(task), promise.await(task) }
