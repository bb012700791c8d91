(define (fail)
  (throw params.x))
(probe.call fail)
