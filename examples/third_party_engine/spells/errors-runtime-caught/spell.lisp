(try params.nothing.field (catch e null))
(probe.echo params.x)
