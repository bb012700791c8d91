(probe.echo [(= params.a params.b) (not (= params.a params.b))])
