return probe.call(function(x) return { probe.echo(x), probe.echo(x) } end, params.x)
