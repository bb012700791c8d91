(define (one) null)
(define (two) null)
[(probe.same one one) (probe.same one two) (probe.same [one] [one])]
