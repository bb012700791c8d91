(define say probe.echo)
(say params.x)
