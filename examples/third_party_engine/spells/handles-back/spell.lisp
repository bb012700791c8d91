(define counter (probe.counter params.start))
(counter.incr)
[(probe.read counter) (probe.same counter counter)]
