return probe.echo({ probe.echo({ probe.echo(params.x) }) })
