(define task (spawn (probe.echo params.x)))
[(await task) (await task)]
