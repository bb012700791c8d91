(define items (probe.echo params.x))
(push! items params.y)
