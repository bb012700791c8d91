(probe.echo params.x)
(nosuch.method params.x)
