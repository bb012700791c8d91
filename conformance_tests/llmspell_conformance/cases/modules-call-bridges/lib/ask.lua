return function(x) return { probe.echo(x) } end
