(print "loaded")
(define n 0)
{:count (lambda () (set! n (+ n 1)) n)}
