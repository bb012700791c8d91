(define counter (probe.counter params.start))
(define again (get (probe.echo {:it counter}) "it"))
(counter.incr)
(again.incr)
[(counter.get) (probe.same counter again)]
