(define n params.start)
(probe.call-twice (lambda () (set! n (+ n 1)) n))
