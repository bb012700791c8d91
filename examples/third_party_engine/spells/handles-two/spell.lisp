(define a (probe.counter params.a))
(define b (probe.counter params.b))
(a.incr)
(b.incr)
[(a.get) (b.get)]
