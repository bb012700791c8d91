(define counter (probe.counter 0))
(call counter params.method)
