(define counter (probe.counter 0))
(define incr counter.incr)
(incr params.by)
(call counter "incr" params.by)
