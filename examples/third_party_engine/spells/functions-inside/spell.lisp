(define (add a b) (+ a b))
(define (multiply a b) (* a b))
(probe.call-each {:first add :rest [multiply]} params.a params.b)
