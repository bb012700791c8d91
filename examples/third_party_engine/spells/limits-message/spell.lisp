(define long (repeat "a" params.size))
(length (probe.echo long))
