return probe.echo({ params.a == params.b, params.a ~= params.b })
