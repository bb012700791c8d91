(define opened (promise))
(spawn (resolve! opened (probe.echo params.x)))
(await opened)
